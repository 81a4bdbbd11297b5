public import KernelTap
import Netif
import TraceFormat
public import XenInterface

/// Records one vif of the running kernel's netback, from outside.
public final class KernelRecorder {
  /// Where the events go.
  public let recording: Recording
  private var tap: KernelTap
  /// Why the control ring is not recorded; `nil` when it is.
  public var controlFault: KernelTapError? { tap.controlFault }
  private let events: KernelEvents
  /// Losses that a round of snapshots has followed.
  private var knownLost: UInt64 = 0
  private var lookedAt: MonotonicInstant?

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
      domain: domain, handle: handle, watchesControl: tap.controlFault == nil,
      opening: tap.controlFault.map { "the control ring is not recorded: \($0)" },
      receiver: recording,
      lost: { [unowned recording] in recording.countLost($0) })
    recording.mayBeginFile = { [unowned events] in events.canBeginFile }
    recording.onNewFile = { [unowned events] in
      events.beginFile(saysConnection: !options.staysInMemory)
    }
    recording.giveUp = { [unowned events] in events.lose() }
    events.expect(round: tap.beginRound())
  }

  /// Has the kernel measure what watching costs; says whether it does.
  public func measure() -> Bool { tap.measure() }

  /// What watching has cost the kernel since that is measured.
  public var cost: TapCost { tap.cost() }

  /// Takes what was seen since the last call, which is to come every few milliseconds.
  ///
  /// - Returns: whether the recording goes on.
  public func step(now: MonotonicInstant) throws(KernelTapError) -> Bool {
    try tap.poll {
      events.take($0)
      recording.changeFileIfDue()
    }
    askForSnapshots(now: now)
    return recording.tick(now: now)
  }

  /// A queue that does nothing from one look to the next is idle.
  private static let nanosecondsBetweenLooks: UInt64 = 50_000_000

  /// After a loss nothing comes before the next round, so it begins when the buffer was emptied.
  private func askForSnapshots(now: MonotonicInstant) {
    let lost = tap.lost
    if lost != knownLost || events.wantsRound {
      knownLost = lost
      events.expect(round: tap.beginRound())
      lookedAt = now
    } else if !events.isReady {
      // The round's beginning was a look.
      guard let last = lookedAt else { return lookedAt = now }
      guard last.advanced(by: Self.nanosecondsBetweenLooks) <= now else { return }
      tap.look()
      lookedAt = now
    }
  }

  /// Takes the rest and writes the end of the trace.
  public func finish() throws -> RecorderReport {
    try tap.finish { events.take($0) }
    events.finish()
    var report = try recording.finish()
    report.tap = TapAccount(tap.statistics(), unplaced: events.unplaced)
    return report
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
