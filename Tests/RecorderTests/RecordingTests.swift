import Netback
import Netif
import Recorder
import SimulatedXen
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct RecordingTests {
  @Test func `the same seed gives the same file, with and without a thread`() throws {
    func file(usesThread: Bool) throws -> [UInt8] {
      let files = MemoryFiles()
      let options = RecordingOptions(usesThread: usesThread)
      let report = try record(into: files, options, steps: 4).report
      #expect(report.totals.fromGuest > 0)
      #expect(report.totals.toGuest > 0)
      return try #require(files.contents.first).octets
    }
    let inline = try file(usesThread: false)
    #expect(try file(usesThread: false) == inline)
    #expect(try file(usesThread: true) == inline)
  }

  @Test(arguments: [
    (RecordingLimits(packets: 20), StopReason.packets),
    (RecordingLimits(octets: 4000), StopReason.octets),
    (RecordingLimits(nanoseconds: 20_000_000_000), StopReason.duration),
  ])
  func `a recording stops at its bound`(_ limits: RecordingLimits, _ reason: StopReason) throws {
    let (report, steps) = try record(
      into: NotMerging(MemoryFiles()), RecordingOptions(stop: limits), steps: 200)
    #expect(report.reason == reason)
    #expect(steps < 200)
    #expect(report.totals.packets >= limits.packets ?? 0)
    #expect(report.totals.octets >= limits.octets ?? 0)
    #expect(report.totals.nanoseconds >= limits.nanoseconds ?? 0)
  }

  @Test func `a ring of files keeps the last ones, each a trace of its own`() throws {
    let files = MemoryFiles()
    let options = RecordingOptions(newFile: RecordingLimits(packets: 25), files: 2)
    let report = try record(into: files, options, steps: 12).report
    #expect(report.files > 2)
    #expect(files.contents.count == 2)
    for file in files.contents {
      var reader = try TraceReader(MemorySource(file.octets))
      let header = reader.header
      #expect(header.vifs.first?.queues.count == 1)
      while try reader.next() != nil {}
      let isTruncated = reader.isTruncated
      #expect(!isTruncated)
    }
  }

  @Test func `blocks that were written once a second are merged when a recording ends`() throws {
    let files = MemoryFiles()
    let unmerged = NotMerging(files)
    let before = try record(into: unmerged, steps: 20).report
    let after = try record(into: files, steps: 20).report
    let file = try #require(files.contents.last).octets
    #expect(after.totals.events == before.totals.events)
    #expect(after.ringEvents == before.ringEvents)
    #expect(after.totals.octets == UInt64(file.count))
    #expect(after.totals.octets < before.totals.octets * 3 / 4)
    var merged = try TraceReader(MemorySource(file))
    var whole = try TraceReader(MemorySource(try #require(files.contents.first).octets))
    while let event = try whole.next() { #expect(try merged.next() == event) }
    #expect(try merged.next() == nil)
  }

  @Test func `what is kept of a packet ends at the snap length`() throws {
    let files = MemoryFiles()
    _ = try record(into: files, steps: 4, snapLength: 60)
    var reader = try TraceReader(MemorySource(try #require(files.contents.first).octets))
    var delivered = 0
    while let event = try reader.next() {
      guard case .delivered(let frame, _) = event.body else { continue }
      #expect(frame.captured == min(frame.length, 60))
      delivered += 1
    }
    #expect(delivered > 0)
  }

  @Test(arguments: [false, true])
  func `a sink that fails ends the recording with its error`(usesThread: Bool) throws {
    let guest = try SimulatedGuest(.init(seed: 5))
    let files = FullFiles(room: 2000)
    let recorder = try TapRecorder(
      [guest.device], describedBy: .init(clock: .simulated, snapLength: 200),
      options: RecordingOptions(usesThread: usesThread), into: files,
      now: guest.now)
    try guest.connect()
    // A thread may be behind by as many blocks as wait for it.
    var goesOn = true
    for second in 0..<40 where goesOn {
      try guest.step()
      goesOn = recorder.recording.tick(now: instant(second))
    }
    let full = RecorderError.cannotWrite(.transfer(TransferError(code: 28)))
    #expect(recorder.recording.stopReason == .failure(full))
    #expect(throws: full) { try recorder.finish() }
    #expect(files.isDiscarded)
  }

  @Test func `nothing is left of a file whose header could not be written`() throws {
    let files = FullFiles(room: 10)
    let header = TraceHeader(
      source: .inProcess, clock: .simulated, profile: .linux, snapLength: 0, tool: "", vifs: [])
    #expect(throws: RecorderError.cannotWrite(.transfer(TransferError(code: 28)))) {
      try Recording(into: files) { header }
    }
    #expect(files.isDiscarded)
  }

  @Test func `a recorder that is let go without its end watches no more, and nothing is left`()
    throws
  {
    let guest = try SimulatedGuest(.init(seed: 5))
    weak var recording: Recording?
    do {
      let recorder = try tap(guest)
      recording = recorder.recording
      try guest.connect()
      withExtendedLifetime(recorder) {}
    }
    #expect(recording == nil)
    try guest.step()
  }

  @Test func `a recorder that another one has replaced ends without it`() throws {
    let guest = try SimulatedGuest(.init(seed: 5))
    let (first, second) = (try tap(guest), try tap(guest))
    try guest.connect()
    _ = try first.finish()
    for _ in 0..<3 { try guest.step() }
    #expect(try second.finish().ringEvents > 10)
  }

  private func tap(_ guest: SimulatedGuest) throws -> TapRecorder {
    try TapRecorder(
      [guest.device], describedBy: .init(clock: .simulated, snapLength: 200), into: MemoryFiles(),
      now: guest.now)
  }

  /// A clock by which every step takes a second, so that every step's events are written.
  private func instant(_ second: Int) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: UInt64(second) * 1_000_000_000)
  }

  private func record(
    into files: any RecordingFiles, _ options: RecordingOptions = RecordingOptions(), steps: Int,
    snapLength: UInt32 = 200
  ) throws -> (report: RecorderReport, steps: Int) {
    let guest = try SimulatedGuest(.init(seed: 5))
    let recorder = try TapRecorder(
      [guest.device], describedBy: .init(clock: .simulated, snapLength: snapLength),
      options: options, into: files, now: guest.now)
    try guest.connect()
    var done = 0
    while done < steps, recorder.recording.tick(now: instant(done)) {
      try guest.step()
      done += 1
    }
    return (try recorder.finish(), done)
  }
}

/// Files that stay in the blocks in which they were written.
private final class NotMerging: RecordingFiles {
  private final class File: RecordingFile {
    let file: any RecordingFile
    init(_ file: any RecordingFile) { self.file = file }
    var sink: any ByteSink { file.sink }
    func merge(level: Int32) -> TraceStatistics? { nil }
    func discard() { file.discard() }
  }

  private let files: MemoryFiles
  init(_ files: MemoryFiles) { self.files = files }
  func make(_ number: Int) throws(RecorderError) -> any RecordingFile {
    File(try files.make(number))
  }
}

/// A disk with room for so many octets.
private final class FullFiles: RecordingFiles, RecordingFile, ByteSink {
  private var room: Int
  private(set) var isDiscarded = false

  init(room: Int) { self.room = room }

  var sink: any ByteSink { self }
  func make(_ number: Int) throws(RecorderError) -> any RecordingFile { self }
  func discard() { isDiscarded = true }
  func merge(level: Int32) -> TraceStatistics? { nil }

  func write(_ octets: RawSpan) throws(TransferError) {
    guard octets.byteCount <= room else { throw TransferError(code: 28) }
    room -= octets.byteCount
  }
}
