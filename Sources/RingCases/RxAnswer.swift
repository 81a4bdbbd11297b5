public import Netif

/// An answered RX request.
public enum RxAnsweredSlot: Hashable, Sendable {
  /// A part of a frame, and what its page holds in the end: CRC-32, `nil` where it has no page.
  case data(RxResponse, page: UInt32?)
  /// An extra info: its two words.
  case extra(UInt32, UInt32)
}

/// How a backend answered an RX case.
public struct RxAnswer: Hashable, Sendable {
  /// The answers of each queue, in ring order.
  public var queues: [[RxAnsweredSlot]]
  /// Answers of all queues after each step.
  public var answeredAfterSteps: [Int] = []
  /// Whether the vif was disabled.
  public var isDisabled = false
  /// Whether a page changed that no answer covers.
  public var touchesPages = false

  /// Nothing answered.
  public init(queues: Int = 1) { self.queues = Array(repeating: [], count: queues) }
}
