public import Netif
public import XenInterface
public import XenRing

/// What a poll of the control ring did.
public struct ControlPoll: Hashable, Sendable {
  /// Messages answered.
  public var messages = 0
  /// Whether messages stand waiting that a further poll would take now.
  public var hasMore = false
  /// Whether the frontend asked to be told of an answer.
  public var notification = PeerNotification.suppressed
}

/// The control ring of a vif: one message after the other, each answered at once
/// (Linux: `process_ctrl_request`).
///
/// Unlike Linux, which takes what the producer claims until it is reached, a producer more than a
/// ring ahead cuts the guest off.
public final class ControlQueue<Memory: RingMemory & ~Copyable> {
  var ring: BackRing<Memory, ControlRequest, ControlResponse>
  private let context: VifContext

  /// Takes a ring that is attached; it goes on at the index the ring is at.
  public init(
    ring: consuming BackRing<Memory, ControlRequest, ControlResponse>, context: VifContext
  ) {
    self.ring = ring
    self.context = context
  }

  /// Index of the next message to take.
  public var requestConsumer: RingIndex { ring.requestConsumer }

  /// Answers what stands in the ring, a ring full at most, and no further than a message that may take
  /// long: other vifs wait meanwhile.
  public func poll(now: MonotonicInstant) -> ControlPoll {
    var result = ControlPoll()
    guard !context.isDisabled else { return result }
    let messages: UInt32
    do throws(RingViolation) { messages = try ring.boundedRequests() } catch {
      guard !context.configuration.controlRules.checksProducer else {
        cutOff(error, now: now)
        return result
      }
      messages = ring.capacity
    }
    if messages > 0 {
      let claimed = ring.requestConsumer.advanced(by: messages)
      context.tap?.controlPollBegan(claimed: claimed, messages: messages, now: now)
    }
    for _ in 0..<messages {
      let request = takeNext()
      if answer(request) == .required { result.notification = .required }
      result.messages += 1
      if context.takesLong(request) { break }
    }
    let event = ring.requestConsumer.advanced(by: 1)
    result.hasMore = ring.armRequestEvent(at: event) != ring.requestConsumer
    if messages > 0 { endPoll(result.messages, armed: event) }
    return result
  }

  private func cutOff(_ violation: RingViolation, now: MonotonicInstant) {
    let claimed = ring.loadRequestProducer()
    context.tap?.controlPollBegan(claimed: claimed, messages: 0, now: now)
    context.disable(.ring(violation), queue: 0)
    endPoll(0, armed: nil)
  }

  private func endPoll(_ messages: Int, armed: RingIndex?) {
    context.tap?.controlPollEnded(
      consumer: ring.requestConsumer, producer: ring.responseProducer, messages: messages,
      armed: armed)
  }

  private func takeNext() -> ControlRequest {
    let index = ring.requestConsumer
    let request = ring.takeRequest()
    context.tap?.controlTaken(request, at: index)
    return request
  }

  /// Each answer is published by itself, as in Linux.
  private func answer(_ request: ControlRequest) -> PeerNotification {
    let (status, data) = context.control(request)
    let response = ControlResponse(
      id: request.id, type: request.type, status: status.rawValue, data: data)
    let first = ring.responseProducer
    ring.respond(response)
    let notification = ring.pushResponses()
    context.tap?.controlAnswered(
      response,
      push: RingPush(
        first: first, end: ring.responseProducer, event: ring.responseEvent,
        notification: notification))
    return notification
  }
}

/// What a control message is answered.
typealias ControlOutcome = (status: ControlStatus, data: UInt32)

/// The page that a control message names.
struct ControlPage {
  let grant: GrantReference
  let context: VifContext

  /// The first `count` octets, 512 at most; nil when Xen refuses. For none Xen is not asked.
  func octets(_ count: Int) -> [512 of UInt8]? {
    var octets = [512 of UInt8](repeating: 0)
    guard count > 0 else { return octets }
    var target = octets.mutableSpan
    var bytes = target.octets
    var wanted = bytes._mutatingExtracting(first: count)
    return copy(into: &wanted) ? octets : nil
  }

  /// Copies the page's first octets, as many as `target` has, a page at most.
  ///
  /// - Returns: whether Xen did.
  func copy(into target: inout MutableRawSpan) -> Bool {
    var operations: [1 of GrantCopy] = [wholeCopy(of: target.byteCount)]
    var span = operations.mutableSpan
    context.grants.copy(&span, from: context.configuration.domain, into: &target)
    context.tap?.controlCopied(operations[0], buffer: target.bytes)
    return operations[0].status == .okay
  }

  /// Writes octets to the start of the page, a page at most.
  ///
  /// - Returns: whether Xen did.
  func write(_ octets: RawSpan) -> Bool {
    var operations: [1 of GrantCopy] = [wholeCopy(of: octets.byteCount)]
    var span = operations.mutableSpan
    context.grants.copy(&span, to: context.configuration.domain, from: octets)
    context.tap?.controlWritten(operations[0])
    return operations[0].status == .okay
  }

  private func wholeCopy(of count: Int) -> GrantCopy {
    GrantCopy(grant: grant, pageOffset: 0, length: UInt16(count), bufferOffset: 0)
  }
}

extension VifContext {
  /// Does what a control message asks; what is not known is not supported.
  func control(_ request: ControlRequest) -> ControlOutcome {
    let rules = configuration.controlRules
    let page = ControlPage(
      grant: GrantReference(rawValue: request.data0), context: self)
    switch ControlMessage(rawValue: request.type) {
    case .getHashFlags: return hash.offeredTypes
    case .setHashFlags: return (changeHash { $0.setTypes(request.data0, rules) }, 0)
    case .setHashKey: return (setHashKey(page, length: request.data1, rules), 0)
    case .getHashMappingSize: return (.success, UInt32(HashState.mappingCapacity))
    case .setHashMappingSize:
      return (changeHash { $0.setMappingSize(request.data0, rules) }, 0)
    case .setHashMapping:
      return (setHashMapping(page, count: request.data1, at: request.data2, rules), 0)
    case .setHashAlgorithm: return (changeHash { $0.setAlgorithm(request.data0, rules) }, 0)
    case .getGrantMappingSize, .addGrantMapping, .deleteGrantMapping: return stage(request)
    case nil: return (rules.refusesTypes ? .notSupported : .success, 0)
    }
  }

  private func changeHash(_ body: (inout HashState) -> ControlStatus) -> ControlStatus {
    board.change { body(&$0.hash) }
  }

  private func setHashKey(
    _ page: ControlPage, length: UInt32, _ rules: ControlRules
  ) -> ControlStatus {
    guard length <= rules.keyOctets, let octets = page.octets(Int(length)) else {
      return .invalidParameter
    }
    return changeHash {
      $0.setKey(octets.span.extracting(first: Int(length)).octets)
      return .success
    }
  }

  /// What is looked at is our copy of the page.
  private func setHashMapping(
    _ page: ControlPage, count: UInt32, at place: UInt32, _ rules: ControlRules
  ) -> ControlStatus {
    guard hash.hasEntries(count, at: place, rules), let octets = page.octets(Int(count) * 4) else {
      return .invalidParameter
    }
    let queues = queueCount
    return changeHash {
      $0.setMapping(octets.span.octets, count: count, at: place, queues: queues, rules)
    }
  }
}
