public import Netif

/// A frame that a backend delivered.
public struct FrameDigest: Hashable, Sendable {
  /// Octets.
  public var length: UInt32
  /// CRC-32 of the octets.
  public var checksum: UInt32

  /// Describes a frame.
  public init(length: UInt32, checksum: UInt32) {
    self.length = length
    self.checksum = checksum
  }
}

/// An answer to a data slot and the NULLs behind it.
public struct AnsweredSlot: Hashable, Sendable {
  /// The answer's id: the slot's distance from the case's start.
  public var id: UInt16
  /// What became of it.
  public var status: NetifStatus
  /// NULLs that follow.
  public var nulls: UInt16

  /// Describes an answer.
  public init(id: UInt16, status: NetifStatus, nulls: UInt16 = 0) {
    self.id = id
    self.status = status
    self.nulls = nulls
  }
}

/// How a backend answered a case.
public struct CaseAnswer: Hashable, Sendable {
  /// The answers, in ring order.
  public var slots: [AnsweredSlot] = []
  /// The frames, in order.
  public var frames: [FrameDigest] = []
  /// Whether the vif was disabled.
  public var isDisabled = false
  /// Whether an octet of a slot changed that no answer covers: 4 to 11, and a NULL's 0 and 1.
  public var touchesRequests = false
  /// Answers in the ring after each pause.
  public var answeredAtPauses: [Int] = []

  /// Nothing answered.
  public init() {}
}
