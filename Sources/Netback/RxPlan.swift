import Netif
import XenInterface
import XenRing

/// What an RX poll is to do: copies, and the answers they lead to. Reused from poll to poll.
struct RxPlan: ~Copyable {
  /// The requests taken, as they stood in the ring.
  private(set) var requests = PlainList<SlotWords>(room: Int(NetifLimits.ringSize))
  /// The answers, one per request.
  private(set) var responses = PlainList<SlotWords>(room: Int(NetifLimits.ringSize))
  /// Frames planned.
  private(set) var packets = 0
  /// Octets in them.
  private(set) var octets: UInt64 = 0
  private var copies = PlainList<GrantCopy>(room: Int(NetifLimits.ringSize))
  /// For each copy, the place of its answer.
  private var answerOfCopy = PlainList<Int>(room: Int(NetifLimits.ringSize))
  private var foreignCopies: [ForeignCopy] = []
  private var answerOfForeignCopy: [Int] = []

  /// Forgets a finished poll, keeping the storage.
  mutating func reset() {
    requests.removeAll()
    responses.removeAll()
    copies.removeAll()
    answerOfCopy.removeAll()
    if !foreignCopies.isEmpty {
      foreignCopies.removeAll(keepingCapacity: true)
      answerOfForeignCopy.removeAll(keepingCapacity: true)
    }
    packets = 0
    octets = 0
  }

  /// Runs `body` over the copies from the buffer, which it fills in.
  mutating func withCopies(_ body: (inout MutableSpan<GrantCopy>) -> Void) {
    var operations = copies.mutableSpan
    body(&operations)
  }

  /// Runs `body` over the copies from another guest's pages, if there are any.
  mutating func withForeignCopies(_ body: (inout MutableSpan<ForeignCopy>) -> Void) {
    guard !foreignCopies.isEmpty else { return }
    var operations = foreignCopies.mutableSpan
    body(&operations)
  }

  /// Plans the waiting frames that the published requests suffice for, `limit` at most.
  ///
  /// - Returns: the producer that was seen last.
  mutating func gather<Memory: RingMemory & ~Copyable>(
    from waiting: inout RxFrameQueue, _ ring: inout BackRing<Memory, RxRequest, RxResponse>,
    limit: Int, configuration: VifConfiguration
  ) -> RingIndex {
    var claimed = ring.loadRequestProducer()
    let slots = configuration.receiveHeadroom == 0 ? configuration.neededSlots(length: 1) : nil
    while packets < limit, let frame = waiting.first {
      if let slots, frame.fillsOneSlot {
        guard ring.holds(slots, upTo: &claimed) else { break }
        add(frame, in: ring.takeWords())
      } else {
        let pieces = RxPieces(start: frame.start, length: frame.length)
        guard add(pieces, frame.offload, &ring, upTo: &claimed, configuration) else { break }
      }
      waiting.removeFirst()
    }
    return claimed
  }

  /// Plans a frame that fills no more than a slot: what `add(_:_:configuration:next:)` would, most often
  /// by far.
  @inline(__always)
  private mutating func add(_ frame: WaitingFrame, in words: SlotWords) {
    let request = RxRequest(words: words)
    packets += 1
    octets += UInt64(frame.length)
    requests.append(words)
    // No frame is larger than a page, nor the queue larger than what 32 bits count.
    let length = UInt16(truncatingIfNeeded: frame.length)
    answerOfCopy.append(responses.count)
    copies.append(
      GrantCopy(
        grant: request.grant, pageOffset: 0, length: length,
        bufferOffset: UInt32(truncatingIfNeeded: frame.start)))
    let flags = Self.headFlags(frame.offload, hasExtras: false)
    let status = NetifStatus(rawValue: Int16(bitPattern: length))
    responses.append(RxResponse(id: request.id, offset: 0, flags: flags, status: status).words)
  }

  /// Plans the frames of another vif's poll that the published requests suffice for, the first ones,
  /// `limit` at most.
  mutating func gather<Memory: RingMemory & ~Copyable>(
    from batch: borrowing FrameBatch, _ ring: inout BackRing<Memory, RxRequest, RxResponse>,
    limit: Int, configuration: VifConfiguration
  ) {
    var claimed = ring.loadRequestProducer()
    while packets < min(limit, batch.frames.count) {
      let frame = batch.frames[packets]
      let pieces = RxPieces(frame, of: batch)
      guard add(pieces, frame.offload, &ring, upTo: &claimed, configuration) else { break }
    }
  }

  /// Plans a frame, if the published requests suffice for it.
  private mutating func add<Memory: RingMemory & ~Copyable>(
    _ pieces: RxPieces, _ offload: FrameOffload,
    _ ring: inout BackRing<Memory, RxRequest, RxResponse>, upTo claimed: inout RingIndex,
    _ configuration: VifConfiguration
  ) -> Bool {
    let needed = configuration.neededSlots(offload, length: pieces.length)
    guard ring.holds(needed, upTo: &claimed) else { return false }
    add(pieces, offload, configuration: configuration) { ring.takeWords() }
    return true
  }

  /// Plans a frame: the first data slot, then extras, then the other data slots
  /// (Linux: `xenvif_rx_skb`).
  ///
  /// - Parameter next: takes the next request out of the ring.
  mutating func add(
    _ pieces: RxPieces, _ offload: FrameOffload, configuration: VifConfiguration,
    next: () -> SlotWords
  ) {
    packets += 1
    octets += UInt64(pieces.length)
    var pieces = pieces
    let headroom = configuration.receiveRules.leavesHeadroom ? configuration.receiveHeadroom : 0
    let extras = RxExtras(offload, configuration)
    var done = 0
    while done < pieces.length {
      let length = min(RingLayout.pageSize - Int(headroom), pieces.length - done)
      var flags: RxFlags = done + length < pieces.length ? .moreData : []
      if done == 0 { flags.formUnion(Self.headFlags(offload, hasExtras: extras.count > 0)) }
      addData(takeRequest(next), &pieces, length, flags, headroom: headroom)
      if done == 0 { addExtras(extras, next: next) }
      done += length
    }
  }

  private mutating func takeRequest(_ next: () -> SlotWords) -> RxRequest {
    let words = next()
    requests.append(words)
    return RxRequest(words: words)
  }

  /// As in Linux the headroom counts as delivered, though the offset stays 0.
  private mutating func addData(
    _ request: RxRequest, _ pieces: inout RxPieces, _ length: Int, _ flags: RxFlags,
    headroom: UInt16
  ) {
    var done = 0
    while done < length {
      let piece = pieces.next(length - done)
      addCopy(of: piece, to: request.grant, at: headroom + UInt16(done))
      done += piece.count
    }
    let status = NetifStatus(rawValue: Int16(length) + Int16(headroom))
    responses.append(RxResponse(id: request.id, offset: 0, flags: flags, status: status).words)
  }

  private mutating func addCopy(
    of piece: RxPieces.Piece, to grant: GrantReference, at offset: UInt16
  ) {
    switch piece {
    case .buffer(let start, let count):
      answerOfCopy.append(responses.count)
      copies.append(
        GrantCopy(
          grant: grant, pageOffset: offset, length: UInt16(count), bufferOffset: UInt32(start)))
    case .page(let map, let start, let count):
      answerOfForeignCopy.append(responses.count)
      foreignCopies.append(
        ForeignCopy(
          source: map.grant, sourceOffset: start, target: grant, targetOffset: offset,
          length: UInt16(count)))
    }
  }

  private mutating func addExtras(_ extras: RxExtras, next: () -> SlotWords) {
    for place in 0..<extras.count {
      _ = takeRequest(next)
      responses.append(ExtraInfoSlot(extras[place], hasMore: place + 1 < extras.count).words)
    }
  }

  private static func headFlags(_ offload: FrameOffload, hasExtras: Bool) -> RxFlags {
    var flags: RxFlags = hasExtras ? .extraInfo : []
    switch offload.checksum {
    case .partial: flags.formUnion([.checksumBlank, .dataValidated])
    case .verified: flags.formUnion(.dataValidated)
    case .unknown: break
    }
    return flags
  }

  /// Puts the errors of failed copies into their answers; Linux writes Xen's number, the protocol
  /// asks for ERROR.
  mutating func settle(profile: RuleProfile) {
    for place in copies.indices where copies[place].status != .okay {
      fail(answerOfCopy[place], copies[place].status, profile)
    }
    for (copy, place) in zip(foreignCopies, answerOfForeignCopy) where copy.status != .okay {
      fail(place, copy.status, profile)
    }
  }

  private mutating func fail(_ place: Int, _ status: GrantStatus, _ profile: RuleProfile) {
    var response = RxResponse(words: responses[place])
    response.status = profile == .linux ? status.asAnswer : .error
    responses[place] = response.words
  }
}

extension GrantStatus {
  /// Xen's number as the answer to a slot. One above 0 would count octets (XSA-316), and one that
  /// Xen left unwritten is none of its own (XSA-318): ERROR says both.
  fileprivate var asAnswer: NetifStatus {
    rawValue < 0 && self != .unwritten ? NetifStatus(rawValue: rawValue) : .error
  }
}
