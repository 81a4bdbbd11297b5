public import Netif
public import XenRing

/// A frame that a guest sent, as it leaves the backend. Its octets lie in the batch beside it.
public struct TxFrame: Hashable, Sendable, BitwiseCopyable {
  /// Index of the packet's first slot; the name under which the frame is released.
  public var head: RingIndex
  /// First octet in the batch.
  public var start: UInt32
  /// Octets that lie there: the frame's first ones.
  public var linearLength: UInt32
  /// Octets in all, at most 65535.
  public var length: UInt32
  /// The first of its fragments in the batch.
  public var firstFragment: UInt16
  /// How many they are.
  public var fragmentCount: UInt16
  /// What travels beside the octets.
  public var offload: FrameOffload

  /// Describes a frame without fragments.
  public init(head: RingIndex, start: UInt32, length: UInt32, offload: FrameOffload) {
    self.head = head
    self.start = start
    linearLength = length
    self.length = length
    firstFragment = 0
    fragmentCount = 0
    self.offload = offload
  }
}

extension TxFrame {
  /// Its first octets in the batch.
  public var linear: Range<Int> { Int(start)..<(Int(start) + Int(linearLength)) }
  /// Its fragments in the batch.
  public var fragments: Range<Int> {
    Int(firstFragment)..<(Int(firstFragment) + Int(fragmentCount))
  }
}

/// Where the frames of a vif's guest go. Called once per batch.
public protocol FrameSink: AnyObject {
  /// Takes the frames of one poll of `queue`, in order.
  ///
  /// A sink that keeps a frame copies its octets: its pages may be unmapped when the call is over.
  func deliver(_ batch: FrameBatch, queue: UInt16)
}
