public import TraceFormat
import XenInterface

/// Replays several traces at once, their events interleaved by time.
public struct JointReplay {
  /// When the events of a trace happen beside those of the others.
  public enum Alignment: Hashable, Sendable, CaseIterable {
    /// By the clock, which is the same for all.
    case clock
    /// By the time since the first event of each: all begin together.
    case start
  }

  /// A trace and where it is replayed.
  public struct Part {
    /// Where it is read.
    public var source: any ByteSource
    /// Its own guest, and the backend.
    public var world: ReplayWorld
    /// How it is replayed.
    public var options: ReplayOptions

    /// Describes a trace that is replayed with others.
    public init(
      _ source: any ByteSource, in world: ReplayWorld, options: ReplayOptions = ReplayOptions()
    ) {
      self.source = source
      self.world = world
      self.options = options
    }
  }

  /// Which trace could not be replayed, by its place, and why.
  public struct Failure: Error, Hashable, Sendable {
    /// Its place among the traces.
    public var trace: Int
    /// What is wrong.
    public var reason: ReplayError

    /// Describes a failure.
    public init(trace: Int, reason: ReplayError) {
      self.trace = trace
      self.reason = reason
    }
  }

  private let alignment: Alignment

  /// Interleaves the events of traces so.
  public init(by alignment: Alignment) { self.alignment = alignment }

  /// Replays traces to their ends.
  ///
  /// - Parameters:
  ///   - parts: the traces, each with its own guest.
  ///   - pacer: waits before each event until it is due; without one none is waited for.
  ///   - progress: called every 4096 events, and after each that was waited for, with the accounts so
  ///     far; `false` ends the replay there.
  /// - Returns: the verdict on each trace.
  public func replay(
    _ parts: [Part], pacer: Pacer? = nil, progress: ([ReplayReport]) -> Bool = { _ in true }
  ) throws(Failure) -> [ReplayReport] {
    let voices = try open(parts)
    var taken = 0
    while let voice = voices.lazy.filter({ $0.next != nil }).min(by: { $0.due < $1.due }) {
      guard pacer?.wait(for: voice.due) ?? true else { break }
      try voice.step()
      taken += 1
      guard taken % 4096 == 0 || pacer?.hasWaited ?? false else { continue }
      guard progress(voices.map(\.report)) else { break }
    }
    var reports: [ReplayReport] = []
    for voice in voices { reports.append(try voice.finish()) }
    return reports
  }

  private func open(_ parts: [Part]) throws(Failure) -> [Voice] {
    var voices: [Voice] = []
    for (place, part) in parts.enumerated() {
      let voice = try Voice(place, part, by: alignment)
      guard alignment == .start || voice.clock == voices.first?.clock ?? voice.clock else {
        throw Failure(trace: place, reason: .otherClock)
      }
      voices.append(voice)
    }
    return voices
  }
}

/// One of the traces that are replayed at once.
private final class Voice {
  private let place: Int
  private let alignment: JointReplay.Alignment
  private var playback: Playback
  private var first: MonotonicInstant?
  /// The event that is to be taken next; `nil` at the end.
  private(set) var next: TraceEvent?
  /// When it is to be taken.
  private(set) var due = MonotonicInstant(nanoseconds: 0)

  /// Begins at the first event that is judged.
  init(
    _ place: Int, _ part: JointReplay.Part, by alignment: JointReplay.Alignment
  ) throws(JointReplay.Failure) {
    self.place = place
    self.alignment = alignment
    do throws(ReplayError) {
      playback = try Playback(part.source, in: part.world, options: part.options)
    } catch { throw JointReplay.Failure(trace: place, reason: error) }
    try read()
    while let event = next, !playback.isJudging {
      try take(event)
      try read()
    }
    first = next?.time
    schedule()
  }

  /// The clock of its times.
  var clock: TraceHeader.Clock { playback.header.clock }

  /// The account so far.
  var report: ReplayReport { playback.report }

  /// Takes the next event.
  func step() throws(JointReplay.Failure) {
    guard let event = next else { return }
    try take(event)
    try read()
    schedule()
  }

  /// Gives the verdict.
  func finish() throws(JointReplay.Failure) -> ReplayReport {
    do throws(ReplayError) { return try playback.finish() } catch {
      throw JointReplay.Failure(trace: place, reason: error)
    }
  }

  private func take(_ event: TraceEvent) throws(JointReplay.Failure) {
    do throws(ReplayError) { try playback.take(event) } catch {
      throw JointReplay.Failure(trace: place, reason: error)
    }
  }

  private func read() throws(JointReplay.Failure) {
    do throws(ReplayError) { next = try playback.next() } catch {
      throw JointReplay.Failure(trace: place, reason: error)
    }
  }

  /// Times in a trace need not rise, but its order is total: no event is due before an earlier one.
  private func schedule() {
    guard let time = next?.time, let first else { return }
    let start = alignment == .clock ? 0 : first.nanoseconds
    let elapsed = max(time.nanoseconds, start) - start
    due = max(due, MonotonicInstant(nanoseconds: elapsed))
  }
}
