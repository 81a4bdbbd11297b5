public import Netif
import XenInterface
public import XenRing

/// How a frame is laid over slots.
public struct TxShape: Hashable, Sendable {
  /// First octet in the first page.
  public var offset: Int
  /// Octets in a slot at most.
  public var piece: Int
  /// Data slots at most.
  public var slotLimit: Int

  /// Describes a layout; a page per slot, and as many as every backend takes, by default.
  public init(
    offset: Int = 0, piece: Int = RingLayout.pageSize, slotLimit: Int = NetifLimits.slotsGuaranteed
  ) {
    self.offset = min(max(offset, 0), RingLayout.pageSize - 1)
    self.piece = min(max(piece, 1), RingLayout.pageSize)
    self.slotLimit = slotLimit
  }

  /// Number of data slots for `length` octets, one at least.
  ///
  /// - Parameters:
  ///   - length: octets of the packet.
  ///   - header: whether the first is one of the header area.
  public func slots(for length: Int, header: Bool = false) -> Int {
    let rest = max(0, length - first(header))
    return 1 + (rest + piece - 1) / piece
  }

  /// The octets of the frame that slot `index` carries.
  func range(_ index: Int, of length: Int, header: Bool) -> Range<Int> {
    let first = first(header)
    let start = index == 0 ? 0 : first + (index - 1) * piece
    return start..<min(length, index == 0 ? first : start + piece)
  }

  private func first(_ header: Bool) -> Int {
    header ? HeaderArea.slotSize : min(piece, RingLayout.pageSize - offset)
  }
}

/// A packet as it was put into the ring.
public struct SentPacket: Hashable, Sendable {
  /// Index of its first slot.
  public let first: RingIndex
  /// Identifiers of its data slots, in ring order.
  public let identifiers: [UInt16]
  /// Number of extra infos behind the first slot.
  public let extras: Int
}

/// Sends frames as a Linux guest does: the total in the first slot, extra infos behind it, a page
/// per slot, identifiers from a free list.
public final class TxSender {
  /// Where the octets of an unanswered slot lie.
  private enum Place {
    case page(Int)
    /// In the header slot of the same number as its identifier.
    case header
  }

  private let queue: FrontQueue
  private var identifiers: [UInt16]
  private var places: [Place?]

  /// Sends on `queue`, which nobody else sends on.
  public init(_ queue: FrontQueue) {
    self.queue = queue
    let capacity = queue.tx.capacity
    identifiers = (0..<UInt16(capacity)).reversed()
    places = Array(repeating: nil, count: Int(capacity))
  }

  /// Data slots that are not answered.
  public var outstanding: Int { places.count - identifiers.count }

  /// Puts a frame into the ring, to be published with `queue.tx.publish()`.
  ///
  /// `extras` come behind the segmentation and the hash of `offload`.
  public func send(
    _ frame: RawSpan, offload: FrameOffload = FrameOffload(), extras: [ExtraInfo] = [],
    shape: TxShape = TxShape()
  ) throws(SendError) -> SentPacket {
    let length = frame.byteCount
    guard let total = UInt16(exactly: length), total > 0 else { throw .badLength(length) }
    let header = queue.headerPages != nil
    let count = shape.slots(for: length, header: header)
    let extras = offload.extraInfos + extras
    guard count <= shape.slotLimit else { throw .tooManySlots(count) }
    guard count + extras.count <= Int(queue.tx.freeRequests),
      count <= queue.txPages.available + (header ? 1 : 0),
      count <= identifiers.count
    else { throw .full }
    let first = queue.tx.requestProducer
    var used: [UInt16] = []
    for index in 0..<count {
      let octets = frame.extracting(shape.range(index, of: length, header: header))
      let filled =
        index == 0 && header ? fillHeader(octets) : fill(octets, at: index == 0 ? shape.offset : 0)
      guard var request = filled else { throw .full }
      if index + 1 < count { request.flags.insert(.moreData) }
      used.append(request.id)
      if index > 0 {
        queue.tx.put(request)
      } else {
        putFirst(request, total: total, offload: offload, extras: extras)
      }
    }
    return SentPacket(first: first, identifiers: used, extras: extras.count)
  }

  private func fill(_ octets: RawSpan, at offset: Int) -> TxRequest? {
    guard let page = queue.txPages.take(), let id = identifiers.popLast() else { return nil }
    places[Int(id)] = .page(page)
    queue.txPages.setOctets(octets, page: page, at: offset)
    return TxRequest(
      grant: queue.txPages.grant(of: page), offset: UInt16(offset),
      flags: queue.persists ? .persist : [], id: id, size: UInt16(octets.byteCount))
  }

  private func fillHeader(_ octets: RawSpan) -> TxRequest? {
    guard let pages = queue.headerPages, let id = identifiers.popLast(),
      let (page, start) = HeaderArea.place(ofSlot: UInt32(id))
    else { return nil }
    places[Int(id)] = .header
    pages.setOctets(octets, page: page, at: Int(start))
    return TxRequest(
      grant: GrantReference(rawValue: UInt32(id)), offset: 0, flags: .headerSlot, id: id,
      size: UInt16(octets.byteCount))
  }

  private func putFirst(
    _ request: TxRequest, total: UInt16, offload: FrameOffload, extras: [ExtraInfo]
  ) {
    var request = request
    request.size = total
    request.flags.formUnion(offload.txFlags)
    if !extras.isEmpty { request.flags.insert(.extraInfo) }
    queue.tx.put(request)
    for (index, extra) in extras.enumerated() {
      queue.tx.put(words: ExtraInfoSlot(extra, hasMore: index + 1 < extras.count).words)
    }
  }

  /// Takes all published answers, in ring order, those of extra infos too, and asks for an event on
  /// the next one.
  ///
  /// - Throws: what a Linux guest gives the device up for; what was taken before it stays taken.
  public func collect() throws(BackendFault) -> [TxResponse] {
    var answers: [TxResponse] = []
    repeat {
      for _ in 0..<(try queue.tx.countedResponses()) {
        guard let slot = try? queue.tx.takeResponse() else { break }
        let response = TxResponse(words: slot.words)
        answers.append(response)
        if response.status != .null { try settle(response.id) }
      }
    } while queue.tx.armResponseEvent()
    return answers
  }

  private func settle(_ id: UInt16) throws(BackendFault) {
    guard Int(id) < places.count, let place = places[Int(id)] else { throw .unknownIdentifier(id) }
    places[Int(id)] = nil
    identifiers.append(id)
    if case .page(let page) = place { queue.txPages.giveBack(page) }
  }
}

extension FrameOffload {
  /// The flags of a first slot that say this.
  var txFlags: TxFlags {
    switch checksum {
    case .unknown: []
    case .partial: [.checksumBlank, .dataValidated]
    case .verified: .dataValidated
    }
  }

  /// The extra infos that say this.
  var extraInfos: [ExtraInfo] {
    var infos: [ExtraInfo] = []
    if let segmentation {
      infos.append(.gso(size: segmentation.size, type: segmentation.type))
    }
    if let hash {
      infos.append(.hash(type: hash.type, algorithm: FlowHash.toeplitz, value: hash.value))
    }
    return infos
  }
}
