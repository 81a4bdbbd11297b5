public import Netback
import Netif
public import TraceFormat
public import XenInterface
import XenRing

/// Records vifs of the Swift netback through their taps, from the start or in the midst of traffic.
public final class TapRecorder {
  /// What is said of a trace beside what the vifs say themselves.
  public struct Description: Hashable, Sendable {
    /// Which clock the times are of.
    public var clock: TraceHeader.Clock
    /// Wall-clock time at the start in nanoseconds since 1970; 0 when not known.
    public var wallTime: UInt64
    /// Octets kept of each packet.
    public var snapLength: UInt32
    /// What wrote the file, for people.
    public var tool: String
    /// Options it was written with, for people.
    public var options: String

    /// Describes a trace.
    public init(
      clock: TraceHeader.Clock, wallTime: UInt64 = 0, snapLength: UInt32 = 65535,
      tool: String = "ringside", options: String = ""
    ) {
      self.clock = clock
      self.wallTime = wallTime
      self.snapLength = snapLength
      self.tool = tool
      self.options = options
    }
  }

  /// Where the events go.
  public let recording: Recording
  private let devices: [VifDevice]
  private var taps: [TraceTap<Recording>] = []

  /// Begins to record; the taps that were there are replaced.
  ///
  /// - Precondition: there is a device, and all are of one rule profile and answer order.
  public init(
    _ devices: [VifDevice], describedBy description: Description,
    options: RecordingOptions = RecordingOptions(), into files: any RecordingFiles,
    now: MonotonicInstant
  ) throws(RecorderError) {
    self.devices = devices
    recording = try Recording(options, into: files) { Self.header(devices, description) }
    for (place, device) in devices.enumerated() {
      let tap = TraceTap(
        vif: UInt16(place), snapLength: Int(description.snapLength), receiver: recording, now: now)
      device.vif.context.watch(with: tap)
      taps.append(tap)
    }
    sayWaitingFrames()
    recording.onNewFile = { [unowned self] in
      if options.staysInMemory { saySnapshots() }
      for tap in taps { tap.forgetQueues() }
      sayWaitingFrames()
    }
  }

  /// Files that go on from one another are one in the end: the later ones' headers do not stand in it.
  private func saySnapshots() {
    for (place, (device, tap)) in zip(devices, taps).enumerated() {
      let octets = device.snapshot().encoded()
      let event = TraceEvent(
        time: tap.now, vif: UInt16(place), origin: .fetched,
        .snapshot(length: UInt32(octets.count)))
      recording.receive(event, payload: octets.span.octets)
    }
  }

  /// Frames that were queued before a file began: its header says only how many.
  private func sayWaitingFrames() {
    for (device, tap) in zip(devices, taps) { device.vif.tellWaitingFrames(to: tap) }
  }

  /// A device holds its tap, which holds the recording, which knows the devices.
  deinit { stop() }

  /// Stops to watch and writes the end of the trace.
  public func finish() throws(RecorderError) -> RecorderReport {
    stop()
    return try recording.finish()
  }

  private func stop() {
    for (device, tap) in zip(devices, taps) { device.vif.context.forget(tap) }
  }

  private static func header(_ devices: [VifDevice], _ description: Description) -> TraceHeader {
    let first = devices.first?.vif.context.configuration
    return TraceHeader(
      source: .inProcess, clock: description.clock, wallTime: description.wallTime,
      profile: first?.profile ?? .linux, order: first?.order ?? .ring,
      snapLength: description.snapLength, tool: description.tool, options: description.options,
      vifs: devices.map { $0.snapshot() })
  }
}
