public import Netback
import TraceFiles
public import TraceFormat
public import XenInterface
import XenRing

/// Writes events into one file or a ring of files until a bound is reached.
///
/// Every recorder writes through it. Events come in between two calls of `tick`.
public final class Recording: TraceReceiver {
  private let options: RecordingOptions
  private let files: any RecordingFiles
  private let describe: () -> TraceHeader
  private let watch: (any RecordingWatch)?
  private var writer: TraceWriter?
  private var kept: [any RecordingFile] = []
  private var totals = RecordingProgress()
  private var beforeFile = RecordingProgress()
  private var finished = TraceStatistics()
  private var fileCount = 0
  private var startedAt: MonotonicInstant?
  private var silence = Silence()
  private var isFileDue = false
  /// Whether what comes in says again what was said in the file before.
  private var isOpening = false
  /// Called when a further file has begun: what the header does not say must be said again.
  public var onNewFile: () -> Void = {}
  /// Asked whether a further file may begin now; a full one goes on until it may.
  public var mayBeginFile: () -> Bool = { true }
  /// Called when a file in memory has twice its size and a further one still may not begin: what stands in
  /// the way is to be given up.
  public var giveUp: () -> Void = {}
  /// Why no more events are taken; `nil` while they are.
  public private(set) var stopReason: StopReason?

  /// Makes the first file.
  ///
  /// - Parameters:
  ///   - options: what is kept, and where one file ends and the next begins.
  ///   - files: where they go.
  ///   - describe: gives the header of a file that begins now.
  /// - Throws: why it could not be made; nothing is left of it then.
  public init(
    _ options: RecordingOptions = RecordingOptions(), into files: any RecordingFiles,
    describe: @escaping () -> TraceHeader
  ) throws(RecorderError) {
    self.options = options
    self.files = files
    self.describe = describe
    watch = files.watch
    try beginFile()
  }

  /// What was recorded so far.
  public var progress: RecordingProgress {
    var progress = totals
    progress.octets = finished.octets + (writer?.statistics.octets ?? 0)
    return progress
  }

  /// Octets of the file that is being written, with what is not on its way to it yet.
  public var openFileOctets: UInt64 {
    progress.octets - beforeFile.octets + UInt64(writer?.openOctets ?? 0)
  }

  /// Appends an event; after a bound or a failure it is not taken.
  public func receive(_ event: TraceEvent, payload: RawSpan) {
    guard stopReason == nil else { return }
    do throws(TraceWriteError) { try writer?.append(event, payload: payload) } catch {
      return fail(.cannotWrite(error))
    }
    silence.end(event)
    count(event)
    if !isOpening { watch?.saw(event, payload: payload, in: self) }
  }

  /// Counts events that were seen and could not be taken; they stand as a gap.
  public func countLost(_ events: UInt64) {
    guard stopReason == nil else { return }
    totals.lost += events
    writer?.countLost(events)
  }

  /// Looks at the clock and the bounds, sends a block on its way that has waited for a second, and
  /// begins a new file when it is time. To be called at least once a second.
  ///
  /// - Returns: whether the recording goes on.
  public func tick(now: MonotonicInstant) -> Bool {
    guard stopReason == nil else { return false }
    silence.look(now: now)
    let start = startedAt ?? now
    startedAt = start
    let passed = now.nanoseconds - min(now.nanoseconds, start.nanoseconds)
    totals.nanoseconds = max(totals.nanoseconds, passed)
    do throws(RecorderError) {
      try flushIfDue(now: now)
      stopReason = options.stop.reached(by: progress)
    } catch { fail(error) }
    lookAtFile()
    guard stopReason == nil else { return false }
    if watch?.looked(at: now, in: self) == false { stopReason = .files }
    return stopReason == nil
  }

  /// Begins a further file if it is time and one may begin. For a recorder that seldom may when `tick` is
  /// called, to be called in between.
  public func changeFileIfDue() {
    guard isFileDue, stopReason == nil, mayBeginFile() else { return }
    isFileDue = false
    do throws(RecorderError) { try changeFile() } catch { fail(error) }
  }

  /// Sends the open block on its way, and waits until all events that were taken are where files go.
  public func settle() throws(RecorderError) {
    do throws(TraceWriteError) { try writer?.settle() } catch { throw .cannotWrite(error) }
  }

  /// Writes the end of the trace.
  ///
  /// - Throws: why it could not be written. The file that was being written is gone then; whole
  ///   ones before it stay.
  public func finish() throws(RecorderError) -> RecorderReport {
    if case .failure(let error) = stopReason { throw error }
    do throws(RecorderError) {
      try endInSilence()
      watch?.ended(in: self)
      try endFile(merging: true)
    } catch {
      fail(error)
      throw error
    }
    var totals = totals
    totals.octets = finished.octets
    totals.events = finished.events
    return RecorderReport(
      totals: totals, ringEvents: finished.ringEvents, payloadOctets: finished.payloadOctets,
      files: fileCount, reason: stopReason)
  }

  private func endInSilence() throws(RecorderError) {
    for note in silence.notes {
      do throws(TraceWriteError) {
        try writer?.append(note.event, payload: note.text.span.octets)
      } catch { throw .cannotWrite(error) }
    }
  }

  /// Ends the recording, and takes away the file that will not become whole.
  private func fail(_ error: RecorderError) {
    stopReason = .failure(error)
    if case .cannotWrite = error { kept.popLast()?.discard() }
  }

  private func count(_ event: TraceEvent) {
    totals.events += 1
    switch event.body {
    case .delivered: totals.fromGuest += 1
    case .taken: totals.toGuest += 1
    default: break
    }
  }
}

// MARK: - Files

extension Recording {
  private func beginFile() throws(RecorderError) {
    let file = try files.make(fileCount)
    do throws(RecorderError) { writer = try makeWriter(file.sink) } catch {
      file.discard()
      throw error
    }
    fileCount += 1
    kept.append(file)
    beforeFile = progress
    if let most = options.files, kept.count > max(most, 1) { kept.removeFirst().discard() }
  }

  private func makeWriter(_ sink: any ByteSink) throws(RecorderError) -> TraceWriter {
    var header = describe()
    if header.wallTime > 0 { header.wallTime &+= totals.nanoseconds }
    watch?.began(header)
    let packer: BlockPacker
    do throws(TraceWriteError) {
      packer = try BlockPacker(header, to: sink, level: options.level)
    } catch { throw .cannotWrite(error) }
    guard options.usesThread else { return TraceWriter(header, through: packer) }
    do throws(TransferError) {
      return TraceWriter(header, through: try BlockThread(packer))
    } catch { throw .cannotMake(error.code) }
  }

  /// Blocks of a file of a ring are not merged: a recording goes on behind it.
  private func endFile(merging: Bool = false) throws(RecorderError) {
    guard let open = writer.take() else { return }
    do throws(TraceWriteError) {
      var done = try open.finish()
      if merging, done.isPatchwork, let merged = kept.last?.merge(level: options.mergedLevel) {
        done = merged
      }
      finished.octets += done.octets
      finished.events += done.events
      finished.ringEvents += done.ringEvents
      finished.payloadOctets += done.payloadOctets
    } catch { throw .cannotWrite(error) }
  }

  private func changeFile() throws(RecorderError) {
    try endFile()
    try beginFile()
    isOpening = true
    onNewFile()
    isOpening = false
  }

  private func lookAtFile() {
    guard stopReason == nil, let limits = options.newFile else { return }
    var inFile = progress(since: beforeFile)
    isFileDue = limits.reached(by: inFile) != nil
    if isFileDue, options.staysInMemory {
      inFile.halve()
      if limits.reached(by: inFile) != nil, !mayBeginFile() { giveUp() }
    }
    changeFileIfDue()
  }

  private func progress(since begin: RecordingProgress) -> RecordingProgress {
    let now = progress
    var inFile = RecordingProgress()
    inFile.octets = now.octets - begin.octets
    inFile.fromGuest = now.packets - begin.packets
    inFile.nanoseconds = now.nanoseconds - begin.nanoseconds
    return inFile
  }

  /// In memory no block need be on its way soon; but none is to grow larger than a file.
  private func flushIfDue(now: MonotonicInstant) throws(RecorderError) {
    do throws(TraceWriteError) {
      guard options.staysInMemory else { return try writer?.flushIfDue(now: now) ?? () }
      guard let most = options.newFile?.octets, let open = writer?.openOctets else { return }
      if UInt64(open) >= most { try writer?.flush() }
    } catch { throw .cannotWrite(error) }
  }
}
