public import Netif
import XenInterface
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

  /// Answers what stands in the ring, a ring full at most.
  public func poll() -> ControlPoll {
    var result = ControlPoll()
    guard !context.isDisabled else { return result }
    do throws(RingViolation) {
      for _ in 0..<(try ring.boundedRequests()) {
        if answerNext() == .required { result.notification = .required }
        result.messages += 1
      }
      let event = ring.requestConsumer.advanced(by: 1)
      result.hasMore = ring.armRequestEvent(at: event) != ring.requestConsumer
    } catch {
      context.disable(.ring(error), queue: 0)
    }
    return result
  }

  /// Each answer is published by itself, as in Linux.
  private func answerNext() -> PeerNotification {
    let request = ring.takeRequest()
    let (status, data) = context.control(request)
    ring.respond(
      ControlResponse(id: request.id, type: request.type, status: status.rawValue, data: data))
    return ring.pushResponses()
  }
}

extension VifContext {
  /// Does what a control message asks; what is not known is not supported.
  func control(_ request: ControlRequest) -> (status: ControlStatus, data: UInt32) {
    let domain = configuration.domain
    switch ControlMessage(rawValue: request.type) {
    case .getHashFlags: return hash.offeredTypes
    case .setHashFlags: return (hash.setTypes(request.data0), 0)
    case .setHashKey:
      let grant = GrantReference(rawValue: request.data0)
      return (hash.setKey(grant, length: request.data1, of: domain, with: grants), 0)
    case .getHashMappingSize: return (.success, UInt32(HashState.mappingCapacity))
    case .setHashMappingSize: return (hash.setMappingSize(request.data0), 0)
    case .setHashMapping:
      let grant = GrantReference(rawValue: request.data0)
      let status = hash.setMapping(
        grant, count: request.data1, at: request.data2, queues: queueCount, of: domain,
        with: grants)
      return (status, 0)
    case .setHashAlgorithm: return (hash.setAlgorithm(request.data0), 0)
    case .getGrantMappingSize, .addGrantMapping, .deleteGrantMapping, nil:
      return (.notSupported, 0)
    }
  }
}
