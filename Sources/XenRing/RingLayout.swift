/// Where things lie in a shared ring page. The corresponding C header is `xen/io/ring.h`.
public enum RingLayout {
  /// Octets in a page shared between domains, whatever the local page size is.
  @inlinable public static var pageSize: Int { 4096 }
  /// Octet offset of `req_prod`, written by the frontend.
  @inlinable public static var requestProducer: Int { 0 }
  /// Octet offset of `req_event`, written by the backend.
  @inlinable public static var requestEvent: Int { 4 }
  /// Octet offset of `rsp_prod`, written by the backend.
  @inlinable public static var responseProducer: Int { 8 }
  /// Octet offset of `rsp_event`, written by the frontend.
  @inlinable public static var responseEvent: Int { 12 }
  /// Octet offset of the first slot.
  @inlinable public static var slots: Int { 64 }

  /// Number of slots of `stride` octets in a ring of `byteCount` octets: the largest power of two
  /// that fits (C macro `__RING_SIZE`).
  public static func capacity(byteCount: Int, stride: Int) -> UInt32 {
    let fitting = (byteCount - slots) / stride
    guard fitting > 0 else { return 0 }
    return UInt32(1) << UInt32(fitting.bitWidth - 1 - fitting.leadingZeroBitCount)
  }

  /// Writes the header of a new ring: producers 0, events 1, pads 0 (C macro `SHARED_RING_INIT`).
  public static func initialize(_ page: borrowing some RingMemory & ~Copyable) {
    for offset in stride(from: 0, to: slots, by: 4) { page.store(0, at: offset) }
    page.store(1, at: requestEvent)
    page.store(1, at: responseEvent)
  }
}

/// Whether the peer asked to be told of what was just published.
public enum PeerNotification: Sendable, BitwiseCopyable { case required, suppressed }

extension PeerNotification {
  /// The hold-off rule: the peer wants to hear when its event index lies in (`old`, `new`].
  @inlinable public init(movedFrom old: RingIndex, to new: RingIndex, event: RingIndex) {
    self = new.distance(from: event) < new.distance(from: old) ? .required : .suppressed
  }
}
