import Netif
import TraceFormat
public import XenRing

/// A guest that the replayed backend cut off.
public struct CutOff: Hashable, Sendable {
  /// The vif, by its place in the header.
  public var vif: UInt16
  /// The queue.
  public var queue: UInt16
  /// The number of the rule that it broke.
  public var rule: UInt8
  /// The slot that broke it; `nil` when it was none, but one that is missing.
  public var slot: RingIndex?

  /// Describes the end of a guest.
  public init(vif: UInt16, queue: UInt16, rule: UInt8, slot: RingIndex?) {
    self.vif = vif
    self.queue = queue
    self.rule = rule
    self.slot = slot
  }
}

/// Follows the slots that the queues of a backend have before them, to tell which one broke a rule.
struct CutOffWatch {
  private struct Lane {
    var untaken = UntakenSlots()
    var next = RingIndex(rawValue: 0)
  }

  private let rules: TxRules
  private var lanes: [Lane] = []

  init(_ rules: TxRules) { self.rules = rules }

  /// Takes what the backend does; says when it has cut the guest off.
  mutating func take(_ event: TraceEvent) -> CutOff? {
    switch event.body {
    case .slot(.tx, let index, let words):
      while lanes.count <= Int(event.queue) { lanes.append(Lane()) }
      lanes[Int(event.queue)].untaken.append([words.w0, words.w1, words.w2, 0])
      lanes[Int(event.queue)].next = index.advanced(by: 1)
    case .pollEnd(.tx, let consumer, _, _):
      guard Int(event.queue) < lanes.count else { return nil }
      let left = lanes[Int(event.queue)].next.distance(from: consumer)
      lanes[Int(event.queue)].untaken.keepLast(Int(left))
    case .disabled(let rule):
      return CutOff(
        vif: event.vif, queue: event.queue, rule: rule, slot: slot(event.queue, breaking: rule))
    default: break
    }
    return nil
  }

  private func slot(_ queue: UInt16, breaking rule: UInt8) -> RingIndex? {
    guard Int(queue) < lanes.count, let found = lanes[Int(queue)].untaken.violation(by: rules),
      found.violation.code == Int(rule)
    else { return nil }
    let lane = lanes[Int(queue)]
    let first = lane.next.rawValue &- UInt32(lane.untaken.slots.count)
    return RingIndex(rawValue: first &+ UInt32(found.place))
  }
}
