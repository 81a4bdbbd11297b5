public import KernelTap
import Netif
import TraceFormat
public import XenInterface

/// Records one vif of the running kernel's netback, from outside.
public final class KernelRecorder {
  /// Where the events go.
  public let recording: Recording
  private var tap: KernelTap
  private let events: KernelEvents

  /// Attaches to a vif and begins a trace.
  ///
  /// - Throws: `KernelTapError` when the kernel cannot be watched, `RecorderError` when the file
  ///   cannot be made; nothing is left of it in either case.
  public init(
    domain: DomainID, handle: VifHandle, describedBy description: TapRecorder.Description,
    options: RecordingOptions = RecordingOptions(), into files: any RecordingFiles,
    bufferOctets: UInt32 = 16 << 20
  ) throws {
    tap = try KernelTap(
      domain: domain, handle: handle, snapLength: description.snapLength,
      bufferOctets: bufferOctets)
    let recording = try Recording(options, into: files) {
      Self.header(domain, handle, description)
    }
    self.recording = recording
    events = KernelEvents(
      domain: domain, handle: handle, receiver: recording,
      lost: { [unowned recording] in recording.countLost($0) })
  }

  /// Takes what was seen since the last call, which is to come every few milliseconds.
  ///
  /// - Returns: whether the recording goes on.
  public func step(now: MonotonicInstant) throws(KernelTapError) -> Bool {
    try tap.poll { events.take($0) }
    return recording.tick(now: now)
  }

  /// What the tap counted so far.
  public var statistics: TapStatistics { tap.statistics() }

  /// Takes the rest and writes the end of the trace.
  public func finish() throws -> RecorderReport {
    try tap.finish { events.take($0) }
    events.finish()
    return try recording.finish()
  }

  private static func header(
    _ domain: DomainID, _ handle: VifHandle, _ description: TapRecorder.Description
  ) -> TraceHeader {
    TraceHeader(
      source: .kernelTap, clock: description.clock, wallTime: description.wallTime,
      profile: .linux, order: .completion, snapLength: description.snapLength,
      // Every record has a time of its own: in nanoseconds, times would be half of the file.
      timeUnit: 1000, tool: description.tool, options: description.options,
      vifs: [VifSnapshot(domain: domain, handle: handle)])
  }
}
