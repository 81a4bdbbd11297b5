public import Netif
public import XenRing

/// A frame that a guest sent, as it leaves the backend. Its octets lie in the batch beside it.
public struct TxFrame: Hashable, Sendable, BitwiseCopyable {
  /// Index of the packet's first slot; the name under which the frame is released.
  public var head: RingIndex
  /// First octet in the batch.
  public var start: UInt32
  /// Octets, at most 65535.
  public var length: UInt32
  /// What travels beside the octets.
  public var offload: FrameOffload

  /// Describes a frame.
  public init(head: RingIndex, start: UInt32, length: UInt32, offload: FrameOffload) {
    self.head = head
    self.start = start
    self.length = length
    self.offload = offload
  }
}

/// Where the frames of a vif's guest go. Called once per batch.
public protocol FrameSink: AnyObject {
  /// Takes the frames of one poll of `queue`, in order. `octets` is valid during the call only.
  func deliver(_ frames: Span<TxFrame>, octets: RawSpan, queue: UInt16)
}
