import Netif
import XenInterface
import XenRing

/// What an RX poll is to do: copies, and the answers they lead to. Reused from poll to poll.
struct RxPlan: Sendable {
  /// The requests taken, as they stood in the ring.
  private(set) var requests: [SlotWords] = []
  /// The answers, one per request.
  private(set) var responses: [SlotWords] = []
  /// Frames planned.
  private(set) var packets = 0
  /// Octets in them.
  private(set) var octets: UInt64 = 0
  private var copies: [GrantCopy] = []
  /// For each copy, the place of its answer.
  private var answerOfCopy: [Int] = []

  /// Forgets a finished poll, keeping the storage.
  mutating func reset() {
    requests.removeAll(keepingCapacity: true)
    responses.removeAll(keepingCapacity: true)
    copies.removeAll(keepingCapacity: true)
    answerOfCopy.removeAll(keepingCapacity: true)
    packets = 0
    octets = 0
  }

  /// Runs `body` over the copies, which it fills in.
  mutating func withCopies(_ body: (inout MutableSpan<GrantCopy>) -> Void) {
    var operations = copies.mutableSpan
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
    while packets < limit, let frame = waiting.first {
      let needed = frame.neededSlots(headroom: configuration.receiveHeadroom)
      guard ring.holds(needed, upTo: &claimed) else { break }
      add(frame, configuration: configuration) { ring.takeWords() }
      waiting.removeFirst()
      octets += UInt64(frame.length)
    }
    return claimed
  }

  /// Plans a frame: the first data slot, then extras, then the other data slots
  /// (Linux: `xenvif_rx_skb`).
  ///
  /// - Parameter next: takes the next request out of the ring.
  mutating func add(
    _ frame: WaitingFrame, configuration: VifConfiguration, next: () -> SlotWords
  ) {
    packets += 1
    let headroom = configuration.receiveHeadroom
    let extras = RxExtras(frame.offload, configuration)
    var done = 0
    while done < frame.length {
      let length = min(RingLayout.pageSize - Int(headroom), frame.length - done)
      var flags: RxFlags = done + length < frame.length ? .moreData : []
      if done == 0 { flags.formUnion(Self.headFlags(frame.offload, hasExtras: extras.count > 0)) }
      addData(takeRequest(next), at: frame.start + done, length, flags, headroom: headroom)
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
    _ request: RxRequest, at start: Int, _ length: Int, _ flags: RxFlags, headroom: UInt16
  ) {
    answerOfCopy.append(responses.count)
    copies.append(
      GrantCopy(
        grant: request.grant, pageOffset: headroom, length: UInt16(length),
        bufferOffset: UInt32(start)))
    let status = NetifStatus(rawValue: Int16(length) + Int16(headroom))
    responses.append(RxResponse(id: request.id, offset: 0, flags: flags, status: status).words)
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
    for (copy, place) in zip(copies, answerOfCopy) where copy.status != .okay {
      var response = RxResponse(words: responses[place])
      response.status = profile == .linux ? copy.status.asAnswer : .error
      responses[place] = response.words
    }
  }
}

extension GrantStatus {
  /// Xen's number as the answer to a slot. One above 0 would count octets (XSA-316), and one that
  /// Xen left unwritten is none of its own (XSA-318): ERROR says both.
  fileprivate var asAnswer: NetifStatus {
    rawValue < 0 && self != .unwritten ? NetifStatus(rawValue: rawValue) : .error
  }
}
