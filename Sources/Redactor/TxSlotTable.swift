import Netif
import TraceFormat
import XenInterface
import XenRing

/// The slots of a TX ring that no poll has taken yet: which page octet belongs to which packet.
struct TxSlotTable {
  private static let capacity = NetifLimits.ringSize

  private struct Slot {
    var request: TxRequest
    var kind: TxSlotWalker.Kind
  }

  private var slots: [Slot?] = Array(repeating: nil, count: Int(capacity))
  private var walker = TxSlotWalker()
  /// Where the next poll begins, and the first slot that was not seen yet; nil before all slots.
  private var ends: (start: RingIndex, next: RingIndex)?
  private let headers: HeaderArea?

  /// Starts without slots, at a place in the ring where that is known.
  init(at start: RingIndex? = nil, headers: HeaderArea? = nil) {
    ends = start.map { ($0, $0) }
    self.headers = headers
  }

  /// Takes a slot and says what it is. One that is seen again is what it was.
  mutating func take(_ words: TraceEvent.Words, at index: RingIndex) -> TxSlotWalker.Kind {
    let words: SlotWords = [words.w0, words.w1, words.w2, 0]
    let (start, next) = ends ?? (index, index)
    let behind = next.distance(from: index)
    if behind > 0, behind <= Self.capacity, let slot = self[index] {
      self[index]?.request = TxRequest(words: words)
      return slot.kind
    }
    ends = (start, index.advanced(by: 1))
    let kind = walker.take(words)
    self[index] = Slot(request: TxRequest(words: words), kind: kind)
    return kind
  }

  /// A poll has taken the slots before `consumer`.
  mutating func endPoll(at consumer: RingIndex) {
    guard let next = ends?.next else { return }
    ends = (consumer, next.isBehind(consumer) ? consumer : next)
  }

  /// The packets of the slots that no poll has taken.
  var packets: TxPackets {
    var packets = TxPackets()
    guard let (start, next) = ends else { return packets }
    for step in 0..<min(next.distance(from: start), Self.capacity) {
      let index = start.advanced(by: step)
      guard let slot = self[index] else { continue }
      switch slot.kind {
      case .head: packets.begin(slot.request, at: index, in: page(of: slot.request))
      case .data: packets.goOn(slot.request)
      case .extra: break
      }
    }
    packets.end()
    return packets
  }

  /// Where the first octets of a packet lie.
  private func page(of request: TxRequest) -> TxRequest {
    guard let headers, request.flags.contains(.headerSlot),
      let (page, offset) = HeaderArea.place(ofSlot: request.grant.rawValue)
    else { return request }
    var request = request
    request.grant = headers.grants[page]
    request.offset &+= offset
    return request
  }

  private subscript(index: RingIndex) -> Slot? {
    get { slots[Int(index.rawValue % Self.capacity)] }
    set { slots[Int(index.rawValue % Self.capacity)] = newValue }
  }
}

/// Packets of a poll, and which octets of which pages are theirs.
struct TxPackets {
  /// Octets of a page that belong to a packet.
  fileprivate struct Extent {
    var head: RingIndex
    var position: Int
    var offset: Int
    var size: Int
    /// How many of them copies have brought.
    var copied = 0
  }

  /// Where some octets stand in a packet.
  struct Place {
    /// Index of the packet's first slot.
    var head: RingIndex
    var position: Int
  }

  /// The first requests, by their indices.
  private(set) var heads: [RingIndex: TxRequest] = [:]
  private var extents: [GrantReference: [Extent]] = [:]
  private var open: (index: RingIndex, parts: [TxRequest])?

  /// Begins the next packet with its first request, `request` in the ring.
  mutating func begin(_ request: TxRequest, at index: RingIndex, in page: TxRequest) {
    end()
    heads[index] = request
    open = (index, [page])
  }

  /// Takes a further data slot of the packet.
  mutating func goOn(_ request: TxRequest) { open?.parts.append(request) }

  /// Ends the last packet: its first slot has what the others leave of the whole.
  mutating func end() {
    guard let (index, requests) = open.take() else { return }
    var parts = requests
    let others = parts.dropFirst().reduce(0) { $0 + Int($1.size) }
    parts[0].size = UInt16(clamping: Int(parts[0].size) - others)
    var position = 0
    for part in parts {
      extents[part.grant, default: []].append(
        Extent(
          head: index, position: position, offset: Int(part.offset), size: Int(part.size)))
      position += Int(part.size)
    }
  }

  /// Where the octets of a copy stand: of several slots with the same ones, those that no copy has
  /// brought yet.
  mutating func copy(_ operand: TraceEvent.GrantOperand) -> Place? {
    let offset = Int(operand.offset)
    guard var list = extents[operand.grant] else { return nil }
    guard
      let next = list.firstIndex(where: { $0.offset + $0.copied == offset && $0.copied < $0.size })
    else { return place(of: operand) }
    list[next].copied += Int(operand.length)
    extents[operand.grant] = list
    return Place(list[next], at: offset)
  }

  /// Where octets of a page stand.
  func place(of operand: TraceEvent.GrantOperand) -> Place? {
    let offset = Int(operand.offset)
    let extent = extents[operand.grant]?.first {
      $0.offset..<max($0.offset + $0.size, $0.offset + 1) ~= offset
    }
    return extent.map { Place($0, at: offset) }
  }
}

extension TxPackets.Place {
  fileprivate init(_ extent: TxPackets.Extent, at offset: Int) {
    self.init(head: extent.head, position: extent.position + offset - extent.offset)
  }
}
