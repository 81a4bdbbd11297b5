public import XenRing

/// A message on the control ring (C type `xen_netif_ctrl_request`, 16 octets). Untrusted.
public struct ControlRequest: RingSlot, Hashable {
  /// What the answer must carry.
  public var id: UInt16
  /// What is asked (C constants `XEN_NETIF_CTRL_TYPE_*`).
  public var type: UInt16
  /// The first of three words of arguments.
  public var data0: UInt32
  /// The second.
  public var data1: UInt32
  /// The third.
  public var data2: UInt32

  /// Describes a message.
  @inlinable public init(
    id: UInt16, type: UInt16, data0: UInt32 = 0, data1: UInt32 = 0, data2: UInt32 = 0
  ) {
    self.id = id
    self.type = type
    self.data0 = data0
    self.data1 = data1
    self.data2 = data2
  }

  /// See `RingSlot`.
  @inlinable public static var wordCount: Int { 4 }

  /// See `RingMemory`.
  @inlinable public init(words: SlotWords) {
    id = UInt16(truncatingIfNeeded: words[0])
    type = UInt16(truncatingIfNeeded: words[0] >> 16)
    data0 = words[1]
    data1 = words[2]
    data2 = words[3]
  }

  /// See `RingSlot`.
  @inlinable public var words: SlotWords {
    [UInt32(id) | UInt32(type) << 16, data0, data1, data2]
  }
}

/// The answer to a control message (C type `xen_netif_ctrl_response`, 12 octets).
public struct ControlResponse: RingSlot, Hashable {
  /// The request's id.
  public var id: UInt16
  /// The request's type, echoed.
  public var type: UInt16
  /// C constants `XEN_NETIF_CTRL_STATUS_*`.
  public var status: UInt32
  /// What was asked for.
  public var data: UInt32

  /// C constant `XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED`.
  @inlinable public static var notSupported: UInt32 { 1 }
  /// See `RingSlot`.
  @inlinable public static var wordCount: Int { 3 }

  /// Describes an answer.
  @inlinable public init(id: UInt16, type: UInt16, status: UInt32, data: UInt32) {
    self.id = id
    self.type = type
    self.status = status
    self.data = data
  }

  /// See `RingMemory`.
  @inlinable public init(words: SlotWords) {
    id = UInt16(truncatingIfNeeded: words[0])
    type = UInt16(truncatingIfNeeded: words[0] >> 16)
    status = words[1]
    data = words[2]
  }

  /// See `RingSlot`.
  @inlinable public var words: SlotWords { [UInt32(id) | UInt32(type) << 16, status, data, 0] }
}
