public import TraceFormat
public import XenInterface
import XenRing

/// Where the files of a flight recorder go.
public protocol FlightStore: AnyObject {
  /// Makes the file for a trigger.
  func make(_ occasion: FlightOccasion) throws(RecorderError) -> any RecordingFile
  /// Says what became of it.
  func tell(_ news: FlightNews)
}

/// What became of a trigger.
public enum FlightNews: Sendable {
  /// Its file is written: what is in it, and how many triggers joined it.
  case written(FlightOccasion, TraceStatistics, joined: UInt64)
  /// It could not be written; it is tried again while memory holds it.
  case delayed(FlightOccasion, RecorderError)
  /// It could not be written, and will not be any more.
  case unwritten(FlightOccasion, RecorderError)
}

/// Keeps what was recorded last in memory, and writes a file of it around each trigger.
///
/// A recorder writes into it as into files of its own; `FlightOptions.recording` says how.
public final class FlightRecorder: RecordingFiles {
  /// Between two attempts at a file that could not be written, in nanoseconds.
  private static let pause: UInt64 = 10_000_000_000
  /// Between two looks for rings that stand still, in nanoseconds.
  private static let stallPause: UInt64 = 100_000_000
  /// Blocks that are copied at each look at the clock.
  private static let blocksAtOnce = 4

  private let options: FlightOptions
  private let store: any FlightStore
  private let makeStalls: ((TraceHeader) -> any StallWatch)?
  private var stalls: (any StallWatch)?
  private var triggers: TriggerWatch
  private var memory: FlightMemory
  private var vifs: [VifSnapshot] = []
  /// When it began, by the clock that the recording is driven by and by the wall's; 0 when not known.
  private let start: MonotonicInstant
  private var wallTimeAtStart: UInt64?
  private var now: MonotonicInstant
  private var nextStallLook = MonotonicInstant(nanoseconds: 0)
  private var clock = EventClock()
  private var isAsked = false
  private var window: FlightWindow?
  private var writing: FlightWriting?
  private var lastError: RecorderError?
  private var counted = FlightAccount()
  /// Octets of the newest piece.
  private var openOctets: UInt64 = 0

  /// Makes a flight recorder.
  ///
  /// - Parameters:
  ///   - options: how much it keeps, and what makes a file.
  ///   - store: where files go.
  ///   - now: the time by the clock that the recording will be driven by.
  ///   - stalls: who looks for rings that stand still, if that is a trigger.
  public init(
    _ options: FlightOptions, into store: any FlightStore,
    startingAt now: MonotonicInstant = MonotonicInstant(nanoseconds: 0),
    stalls: ((TraceHeader) -> any StallWatch)? = nil
  ) {
    self.options = options
    self.store = store
    self.now = now
    start = now
    makeStalls = options.triggers.stall ? stalls : nil
    triggers = TriggerWatch(options.triggers)
    memory = FlightMemory(limit: options.closedOctets)
  }

  /// What it has come to so far.
  public var account: FlightAccount {
    var account = counted
    account.repeated = triggers.repeated
    account.kept = memory.closedOctets + openOctets
    let begin = memory.begin?.nanoseconds ?? now.nanoseconds
    account.reach = now.nanoseconds - min(begin, now.nanoseconds)
    return account
  }

  /// Asks for a file of now, if that is a trigger.
  public func request() { isAsked = options.triggers.signal }

  /// See `RecordingFiles`.
  public var watch: (any RecordingWatch)? { self }

  /// See `RecordingFiles`. Begins a piece of memory.
  public func make(_ number: Int) -> any RecordingFile { memory.begin(at: now) }
}

// MARK: - What is seen

extension FlightRecorder: RecordingWatch {
  /// See `RecordingWatch`.
  public func began(_ header: TraceHeader) {
    vifs = header.vifs
    guard wallTimeAtStart == nil else { return }
    wallTimeAtStart = header.wallTime
    stalls = makeStalls?(header)
  }

  /// See `RecordingWatch`.
  public func saw(_ event: TraceEvent, payload: RawSpan, in recording: Recording) {
    clock.see(event.time)
    stalls?.take(event, payload: payload)
    guard let cause = triggers.look(at: event) else { return }
    trigger(cause, event.vif, at: event.time, in: recording)
  }

  /// See `RecordingWatch`.
  public func looked(at now: MonotonicInstant, in recording: Recording) -> Bool {
    self.now = now
    openOctets = recording.openFileOctets
    clock.look(now)
    lookForStalls(in: recording)
    takeRequest(in: recording)
    goOnWriting()
    closeWindowIfOver(in: recording)
    forget()
    return options.files.map { counted.files < UInt64($0) } ?? true
  }

  /// See `RecordingWatch`. What follows a trigger is not waited for any more.
  public func ended(in recording: Recording) {
    takeRequest(in: recording)
    finishWriting()
    closeWindow(in: recording)
    finishWriting()
    guard let window = window.take(), let lastError else { return }
    counted.unwritten += 1
    store.tell(.unwritten(window.occasion, lastError))
  }

  private func takeRequest(in recording: Recording) {
    guard isAsked else { return }
    isAsked = false
    trigger(.signal, 0, at: clock.time, in: recording)
  }

  private func lookForStalls(in recording: Recording) {
    guard let stalls, nextStallLook <= now else { return }
    nextStallLook = now.advanced(by: Self.stallPause)
    for stall in stalls.standing(at: clock.time) {
      let cause = FlightCause.stall(stall.words)
      guard triggers.isNew(cause, of: stall.vif, at: clock.time) else { continue }
      trigger(cause, stall.vif, at: clock.time, in: recording)
    }
  }

  /// Says it in the trace, and has a file written soon.
  private func trigger(
    _ cause: FlightCause, _ vif: UInt16, at time: MonotonicInstant, in recording: Recording
  ) {
    guard Int(vif) < vifs.count else { return }
    counted.triggers += 1
    let words = Array("flight recorder: \(cause.name): \(cause.words)".utf8)
    let note = TraceEvent(
      time: time, vif: vif, origin: .observed, .note(length: UInt32(words.count)))
    recording.receive(note, payload: words.span.octets)
    guard window == nil else { return window?.join(at: now, length: options.after) ?? () }
    let begin = wallTimeAtStart ?? 0
    let occasion = FlightOccasion(
      cause: cause, domain: vifs[Int(vif)].domain, handle: vifs[Int(vif)].handle, time: time,
      wallTime: begin == 0
        ? 0 : begin &+ now.nanoseconds - min(start.nanoseconds, now.nanoseconds))
    window = FlightWindow(
      occasion, at: now, octets: recording.progress.octets, length: options.after)
  }

  /// What lies further back than any file will want is of no use.
  private func forget() {
    guard let before = options.before else { return }
    let oldest = min(window?.begin ?? now, writing?.window.begin ?? now).nanoseconds
    memory.forget(before: MonotonicInstant(nanoseconds: oldest - min(before, oldest)))
  }
}

// MARK: - Files

extension FlightRecorder {
  private func closeWindowIfOver(in recording: Recording) {
    guard let window, writing == nil else { return }
    let recorded = recording.progress.octets
    if window.hasFailed, window.isGone(octets: recorded, of: options.closedOctets) {
      return giveUp(window)
    }
    guard window.isOver(at: now, octets: recorded, of: options.memory) else { return }
    closeWindow(in: recording)
  }

  private func giveUp(_ gone: FlightWindow) {
    window = nil
    counted.unwritten += 1
    if let lastError { store.tell(.unwritten(gone.occasion, lastError)) }
  }

  /// Begins to write the file of the open window.
  private func closeWindow(in recording: Recording) {
    guard let closed = window.take() else { return }
    do throws(RecorderError) {
      try recording.settle()
      let begin = options.before.map { before in
        MonotonicInstant(
          nanoseconds: closed.begin.nanoseconds - min(before, closed.begin.nanoseconds))
      }
      writing = try FlightWriting(
        closed, memory.sources(from: begin), into: try store.make(closed.occasion))
    } catch { putOff(closed, error) }
  }

  private func goOnWriting() {
    guard let writing else { return }
    do throws(RecorderError) {
      for _ in 0..<Self.blocksAtOnce where try !writing.step() {
        self.writing = nil
        let statistics = try writing.finish()
        counted.files += 1
        counted.joined += writing.window.joined
        return store.tell(
          .written(writing.window.occasion, statistics, joined: writing.window.joined))
      }
    } catch { putOff(writing.window, error) }
  }

  private func finishWriting() { while writing != nil { goOnWriting() } }

  /// The disk may have room again soon. A window that was opened meanwhile joins this one.
  private func putOff(_ failed: FlightWindow, _ error: RecorderError) {
    writing = nil
    lastError = error
    var failed = failed
    if !failed.hasFailed { store.tell(.delayed(failed.occasion, error)) }
    failed.putOff(until: now.advanced(by: Self.pause))
    if let other = window { failed.join(other) }
    window = failed
  }
}
