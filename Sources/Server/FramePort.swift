public import Netback
public import Netif
public import PacketCapture
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

  /// The guest is cut off, and sends and takes nothing more until it connects anew.
  func cutOff()

  /// Lets go of what the port stands for: the vif will not come back.
  func retire()
}

/// A port that groups can use: it has an end for each queue of its vif. An end is used by the group that
/// serves the queue, and by nobody else meanwhile; different ends may be used at the same time.
public protocol DividedPort: FramePort {
  /// Opens the end of a queue. That of the first may be the port itself, which is used by others while the
  /// vif has no queues.
  func openEnd(of queue: Int) throws(CaptureError) -> any DividedPort

  /// From now on frames that come in wake this group, or, without one, whoever follows the store.
  func move(to group: WorkerGroup?)
}

extension FramePort {
  /// Where nobody can see a port, there is nothing to show.
  public func cutOff() {}

  /// Takes a bounded number of frames, as many as there is room for.
  ///
  /// - Returns: whether more may be waiting.
  func takeFrames(now: MonotonicInstant, room: () -> Int) -> Bool {
    var left = ServedVif.budget
    while left > 0 {
      // Even without room: a port may want to know the time.
      let limit = min(left, room())
      let count = takeFrames(atMost: limit, now: now)
      guard limit > 0, count == limit else { return false }
      left -= count
    }
    return room() > 0
  }
}

/// What takes frames from a port.
public protocol FrameTarget: AnyObject {
  /// Takes a frame; `octets` is valid during the call only.
  func take(_ octets: RawSpan, _ offload: FrameOffload, now: MonotonicInstant)
  /// Takes frames of a vif.
  func take(_ batch: FrameBatch, now: MonotonicInstant)
}

extension FrameTarget {
  /// Takes each by itself; one that cannot be gathered is dropped.
  public func take(_ batch: FrameBatch, now: MonotonicInstant) {
    var room: [UInt8] = []
    for place in batch.frames.indices {
      let frame = batch.frames[place]
      _ = batch.withOctets(of: frame, gatheredIn: &room) { take($0, frame.offload, now: now) }
    }
  }
}
