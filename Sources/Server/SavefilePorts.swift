import Netback
import Netif
public import PacketCapture
import XenInterface
import XenRing

/// A savefile for each vif, into which goes what its guest sends. Nothing comes back.
///
/// Frames are written as they left the guest: unsegmented ones whole, blank checksums blank.
public final class SavefilePorts: PortMaker {
  /// See `PortMaker`.
  public let sharedPorts: [any FramePort] = []
  private let pattern: String
  private let wallTime: () -> UInt64

  /// Names the files: `%d` stands for the domain, `%h` for the handle. `wallTime` says how many
  /// nanoseconds have passed since 1970.
  public init(_ pattern: String, wallTime: @escaping () -> UInt64) {
    self.pattern = pattern
    self.wallTime = wallTime
  }

  /// See `PortMaker`.
  public func makePort(for place: VifPlace) throws(CaptureError) -> any FramePort {
    SavefilePort(try SavefileWriter(path: place.filled(into: pattern)), wallTime: wallTime)
  }
}

/// One vif's savefile.
private final class SavefilePort: FramePort {
  weak var target: (any FrameTarget)?
  let refused: UInt64 = 0
  private let writer: SavefileWriter
  private let wallTime: () -> UInt64
  private var isUnwritten = false

  init(_ writer: SavefileWriter, wallTime: @escaping () -> UInt64) {
    self.writer = writer
    self.wallTime = wallTime
  }

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    let time = wallTime()
    for place in batch.frames.indices {
      var copy: [UInt8] = []
      guard batch.gather(batch.frames[place], in: &copy) else { continue }
      writer.write(CapturedFrame(octets: copy, nanoseconds: time))
    }
    isUnwritten = true
  }

  /// Writes out what came since the last step, so that a reader sees it.
  func takeFrames(atMost limit: Int, now: MonotonicInstant) -> Int {
    // A full disk is seen by who reads the file: there is no guest to tell.
    if isUnwritten { try? writer.flush() }
    isUnwritten = false
    return 0
  }

  func awaitFrames(_ isAwaited: Bool) {}
  func connected(_ features: NetifFeatures) {}
  func retire() { try? writer.flush() }
}
