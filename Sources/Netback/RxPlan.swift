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
  }

  /// Runs `body` over the copies, which it fills in.
  mutating func withCopies(_ body: (inout MutableSpan<GrantCopy>) -> Void) {
    var operations = copies.mutableSpan
    body(&operations)
  }

  /// Plans a frame: the first data slot, then extras, then the other data slots
  /// (Linux: `xenvif_rx_skb`).
  ///
  /// - Parameter next: takes the next request out of the ring.
  mutating func add(_ frame: WaitingFrame, features: NetifFeatures, next: () -> SlotWords) {
    packets += 1
    let segmentation = frame.offload.segmentation.flatMap { features.accepts($0) ? $0 : nil }
    let hash = frame.offload.hash
    let hasExtras = segmentation != nil || hash != nil
    var done = 0
    while done < frame.length {
      let length = min(RingLayout.pageSize, frame.length - done)
      var flags: RxFlags = done + length < frame.length ? .moreData : []
      if done == 0 { flags.formUnion(Self.headFlags(frame.offload, hasExtras: hasExtras)) }
      addData(takeRequest(next), at: frame.start + done, length, flags)
      if done == 0 { addExtras(segmentation, hash, next: next) }
      done += length
    }
  }

  private mutating func takeRequest(_ next: () -> SlotWords) -> RxRequest {
    let words = next()
    requests.append(words)
    return RxRequest(words: words)
  }

  private mutating func addData(
    _ request: RxRequest, at start: Int, _ length: Int, _ flags: RxFlags
  ) {
    answerOfCopy.append(responses.count)
    copies.append(
      GrantCopy(
        grant: request.grant, pageOffset: 0, length: UInt16(length), bufferOffset: UInt32(start)))
    let status = NetifStatus(rawValue: Int16(length))
    responses.append(RxResponse(id: request.id, offset: 0, flags: flags, status: status).words)
  }

  /// Extras in ascending order of type, as Linux writes them.
  private mutating func addExtras(
    _ segmentation: Segmentation?, _ hash: FlowHash?, next: () -> SlotWords
  ) {
    if let segmentation {
      let info = ExtraInfo.gso(size: segmentation.size, type: segmentation.type)
      addExtra(info, hasMore: hash != nil, next: next)
    }
    if let hash {
      let info = ExtraInfo.hash(
        type: hash.type, algorithm: FlowHash.toeplitz, value: hash.value)
      addExtra(info, hasMore: false, next: next)
    }
  }

  private mutating func addExtra(_ info: ExtraInfo, hasMore: Bool, next: () -> SlotWords) {
    _ = takeRequest(next)
    responses.append(ExtraInfoSlot(info, hasMore: hasMore).words)
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
      response.status =
        profile == .linux ? NetifStatus(rawValue: copy.status.rawValue) : NetifStatus.error
      responses[place] = response.words
    }
  }
}

extension NetifFeatures {
  /// Whether the guest takes frames that are still to be cut so.
  fileprivate func accepts(_ segmentation: Segmentation) -> Bool {
    switch segmentation.type {
    case Segmentation.tcpv4: contains(.gsoTCPv4)
    case Segmentation.tcpv6: contains(.gsoTCPv6)
    default: false
    }
  }
}
