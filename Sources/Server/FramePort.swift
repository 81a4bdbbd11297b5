public import Netback
public import Netif
public import XenInterface

/// Where a vif's frames go and where frames for it come from.
public protocol FramePort: FrameSink {
  /// What takes the frames that come in; whoever owns the port sets it.
  var target: (any FrameTarget)? { get set }

  /// Frames from guests that were not taken at the other end.
  var refused: UInt64 { get }

  /// Hands frames that wait to the target, at most `limit`.
  ///
  /// - Returns: how many there were. Ports that others hand frames to have none waiting.
  func takeFrames(atMost limit: Int, now: MonotonicInstant) -> Int

  /// Says whether there is room for frames: while there is not they stay where they are, and wake
  /// nobody.
  func awaitFrames(_ isAwaited: Bool)

  /// The guest has connected and can receive this.
  func connected(_ features: NetifFeatures)

  /// Lets go of what the port stands for: the vif will not come back.
  func retire()
}

/// What takes frames from a port.
public protocol FrameTarget: AnyObject {
  /// Takes a frame; `octets` is valid during the call only.
  func take(_ octets: RawSpan, _ offload: FrameOffload, now: MonotonicInstant)
  /// Takes frames of a vif.
  func take(_ batch: FrameBatch, now: MonotonicInstant)
}
