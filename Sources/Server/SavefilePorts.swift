import Netback
import Netif
public import PacketCapture
import Synchronization
public import XenInterface
import XenRing

/// A savefile for each vif, into which goes what its guest sends. Nothing comes back.
///
/// Frames are written as they left the guest: unsegmented ones whole, blank checksums blank.
public final class SavefilePorts: PortMaker {
  /// See `PortMaker`.
  public let sharedPorts: [any FramePort] = []
  private let pattern: String
  private let wallTime: @Sendable () -> UInt64

  /// Names the files: `%d` stands for the domain, `%h` for the handle. `wallTime` says how many
  /// nanoseconds have passed since 1970.
  public init(_ pattern: String, wallTime: @escaping @Sendable () -> UInt64) {
    self.pattern = pattern
    self.wallTime = wallTime
  }

  /// See `PortMaker`.
  public func makePort(for place: VifPlace) throws(CaptureError) -> any FramePort {
    let file = Savefile(try SavefileWriter(path: place.filled(into: pattern)))
    return SavefilePort(file, wallTime: wallTime)
  }
}

/// One savefile, which the queues of its vif write to in turn.
private final class Savefile: Sendable {
  private let writer: Mutex<SavefileWriter>

  init(_ writer: sending SavefileWriter) { self.writer = Mutex(writer) }

  func write(_ frames: [CapturedFrame]) {
    writer.withLock { writer in
      for frame in frames { writer.write(frame) }
    }
  }

  /// Writes out what is held back. A full disk is seen by who reads the file: there is no guest to tell.
  func flush() { writer.withLock { try? $0.flush() } }
}

/// One vif's savefile, as one of its queues has it.
private final class SavefilePort: DividedPort {
  weak var target: (any FrameTarget)?
  let refused: UInt64 = 0
  private let file: Savefile
  private let wallTime: @Sendable () -> UInt64
  private var isUnwritten = false

  init(_ file: Savefile, wallTime: @escaping @Sendable () -> UInt64) {
    self.file = file
    self.wallTime = wallTime
  }

  func openEnd(of queue: Int) throws(CaptureError) -> any DividedPort {
    SavefilePort(file, wallTime: wallTime)
  }

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    let time = wallTime()
    var frames: [CapturedFrame] = []
    for place in batch.frames.indices {
      var copy: [UInt8] = []
      guard batch.gather(batch.frames[place], in: &copy) else { continue }
      frames.append(CapturedFrame(octets: copy, nanoseconds: time))
    }
    file.write(frames)
    isUnwritten = true
  }

  /// Writes out what came since the last step, so that a reader sees it.
  func takeFrames(atMost limit: Int, now: MonotonicInstant) -> Int {
    if isUnwritten { file.flush() }
    isUnwritten = false
    return 0
  }

  func move(to group: WorkerGroup?) {}
  func awaitFrames(_ isAwaited: Bool) {}
  func connected(_ features: NetifFeatures) {}
  func retire() { file.flush() }
}
