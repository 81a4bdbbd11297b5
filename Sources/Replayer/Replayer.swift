public import TraceFormat
import XenInterface

/// Replays traces into the Swift netback.
public struct Replayer {
  private let world: ReplayWorld
  private let options: ReplayOptions

  /// How far a replay is.
  public struct Progress: Hashable, Sendable {
    /// The account so far.
    public var report: ReplayReport
    /// Time of the last event, in nanoseconds of the trace's clock.
    public var time: UInt64
  }

  /// Replays in `world`.
  public init(in world: ReplayWorld, options: ReplayOptions = ReplayOptions()) {
    self.world = world
    self.options = options
  }

  /// Reads a trace to its end and replays it.
  ///
  /// - Parameters:
  ///   - source: the trace's octets.
  ///   - pacer: waits before each event until it is due; without one none is waited for.
  ///   - progress: called every 4096 events, and after each that was waited for; `false` ends the
  ///     replay there.
  public func replay(
    _ source: any ByteSource, pacer: Pacer? = nil, progress: (Progress) -> Bool = { _ in true }
  ) throws(ReplayError) -> ReplayReport {
    var playback = try Playback(source, in: world, options: options)
    while let event = try playback.next() {
      let isPaced = playback.isJudging
      guard !isPaced || pacer?.wait(for: event.time) ?? true else { break }
      try playback.take(event)
      guard playback.number % 4096 == 4095 || isPaced && pacer?.hasWaited ?? false else { continue }
      let state = Progress(report: playback.report, time: event.time.nanoseconds)
      guard progress(state) else { break }
    }
    return try playback.finish()
  }
}
