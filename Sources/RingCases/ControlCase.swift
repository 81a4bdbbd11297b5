public import Netif
public import XenRing

/// One message that a case writes.
public struct ControlSlot: Sendable {
  /// The message, but for the reference where `grant` is given.
  public var request: ControlRequest
  /// What its first argument refers to; `nil` where it is a number.
  public var grant: CaseGrant?
  /// What its second argument refers to, of a staging message; `nil` where it is a number.
  public internal(set) var list: StagingList?

  /// A message. Its id is set apart from the slot's number, so that an echo shows.
  public init(
    _ type: UInt16, _ data0: UInt32 = 0, _ data1: UInt32 = 0, _ data2: UInt32 = 0, id: UInt16 = 0x5a
  ) {
    request = ControlRequest(id: id, type: type, data0: data0, data1: data1, data2: data2)
  }

  /// A message whose first argument is a reference.
  public init(_ message: ControlMessage, _ grant: CaseGrant, _ data1: UInt32, _ data2: UInt32 = 0) {
    self.init(message.rawValue, 0, data1, data2)
    self.grant = grant
  }

  /// A message that the protocol knows.
  public init(_ message: ControlMessage, _ data0: UInt32 = 0) {
    self.init(message.rawValue, data0)
  }
}

/// What a control case does next.
public enum ControlStep: Sendable {
  /// Writes messages, publishes a producer this far beyond them (0: honest), sends an event and
  /// waits until the backend rests.
  case publish([ControlSlot], beyond: UInt32)
  /// Closes the frontend and connects again on fresh rings.
  case reconnect
}

/// A sequence of control messages to ask a backend about. It begins without an algorithm, types, a
/// key and a mapping.
public struct ControlCase: RingCase {
  /// See `RingCase`.
  public typealias Answer = ControlAnswer
  /// See `RingCase`.
  public typealias Player = ControlPlayer
  /// See `RingCase`.
  public typealias Generator = ControlGenerator
  /// See `RingCase`.
  public var name: String
  /// Index at which the case begins on a fresh ring; `nil` when it may go on in the ring of the one
  /// before.
  public var start: RingIndex?
  /// Queues of the vif.
  public var queues = 2
  /// Whether the backend keeps pages mapped for guests that ask for it; else it knows no such messages.
  var isStaging = false
  /// What happens.
  public var steps: [ControlStep]

  /// Describes a case.
  public init(_ name: String, start: UInt32? = nil, _ steps: [ControlStep]) {
    self.name = name
    self.start = start.map(RingIndex.init)
    self.steps = steps
  }

  /// A case that publishes messages in one go.
  init(_ name: String, _ messages: ControlSlot...) {
    self.init(name, [.publish(messages, beyond: 0)])
  }

  /// The messages of all publishes.
  public var publishes: [[ControlSlot]] {
    steps.compactMap { if case .publish(let slots, _) = $0 { slots } else { nil } }
  }

  /// Whether it claims messages that it has not written.
  var claimsTooMuch: Bool {
    steps.contains { if case .publish(_, 1...) = $0 { true } else { false } }
  }

  /// Whether a message names a page that was taken back.
  var needsRevoked: Bool { publishes.contains { $0.contains { $0.grant == .revoked } } }

  /// Linux answers whatever a producer claims, however far ahead; ours bounds it by the ring's size.
  public var isStricterHere: Bool {
    steps.contains { step in
      guard case .publish(let slots, let beyond) = step else { return false }
      return UInt64(slots.count) + UInt64(beyond) > UInt64(Self.ringSize)
    }
  }

  /// Slots of a control ring.
  package static let ringSize: UInt32 = 128

  /// Pages that messages may point at.
  package static var pageCount: Int { ControlPages.allCases.count }
}

extension ControlCase {
  /// See `RingCase`.
  public static var named: [ControlCase] { NamedControlCases.all }
}
