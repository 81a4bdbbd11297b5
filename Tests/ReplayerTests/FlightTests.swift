import Netback
import Netif
import Recorder
import Replayer
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct `A flight recorder` {
  @Test(arguments: AnswerOrder.allCases, [false, true])
  func `writes what led to a fatal packet, and it replays to the same verdict`(
    _ order: AnswerOrder, _ usesThread: Bool
  ) throws {
    let flight = try Flight(
      .init(seed: 9, order: order), memory: 96 << 10, .init(fatal: true), usesThread: usesThread)
    try flight.run(octets: 200 << 10)
    #expect(flight.store.files.isEmpty)
    flight.guest.crossPage()
    try flight.run(seconds: 2)
    let octets = try #require(flight.store.files.first).octets
    #expect(flight.store.files.count == 1)
    let occasion = try #require(flight.store.written.first)
    #expect(occasion.cause == .fatal(rule: 5) && occasion.domain == DomainID(rawValue: 1))
    let recorded = try parse(octets)
    // It begins in the midst of traffic: what came first is let go of.
    let start = try #require(recorded.header.vifs.first?.queues.first?.tx.requestConsumer)
    #expect(start != ringIndex(0))
    #expect(recorded.events.contains { $0.event.body == .disabled(rule: 5) })
    #expect(recorded.notes == ["flight recorder: fatal: tx/page-crossing"])
    let report = try replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.matched > 500)
    #expect(!report.isTruncated)
    let bad = recorded.events.compactMap { $0.event.crossingSlot }
    #expect(bad.count == 1)
    #expect(report.cutOffs == [CutOff(vif: 0, queue: 0, rule: 5, slot: bad.first)])
  }

  @Test func `keeps no more than the memory it was given, however long it goes on`() throws {
    let memory: UInt64 = 96 << 10
    let flight = try Flight(.init(seed: 4), memory: memory, .init(fatal: true))
    try flight.run(octets: 2000)
    #expect(flight.recorder.account.kept > 1000)
    var most: UInt64 = 0
    for part in 1...12 {
      try flight.run(octets: UInt64(part) * memory / 4)
      most = max(most, flight.recorder.account.kept)
    }
    #expect(most <= memory && most > memory / 2)
  }

  @Test func `writes a file of what follows, and none twice as long as its memory`() throws {
    let memory: UInt64 = 96 << 10
    let flight = try Flight(
      .init(seed: 4), memory: memory, .init(signal: true), after: 3_600_000_000_000)
    try flight.run(octets: 2 * memory)
    flight.recorder.request()
    try flight.run(octets: 3 * memory)
    let octets = try #require(flight.store.files.first).octets
    #expect(octets.count < Int(memory) * 5 / 4)
    let recorded = try parse(octets)
    let place = try #require(recorded.events.firstIndex { $0.event.isNote })
    #expect(place > 500 && recorded.events.count - place > 500)
    #expect(try replay(octets).diverged == 0)
  }

  @Test func `keeps a time before a trigger and no more where it is told so`() throws {
    let flight = try Flight(
      .init(seed: 4), memory: 64 << 20, .init(signal: true), before: 1_000_000, after: 1)
    try flight.run(steps: 60)
    flight.recorder.request()
    try flight.run(steps: 1)
    let now = flight.guest.now
    // Some blocks are copied at each step.
    try flight.run(steps: 40)
    let octets = try #require(flight.store.files.first).octets
    let first = try #require(try parse(octets).events.first?.event.time)
    #expect(first.advanced(by: 1_000_000) <= now && now < first.advanced(by: 3_000_000))
    #expect(try replay(octets).diverged == 0)
  }

  @Test func `puts triggers that come together into one file, and later ones into the next`()
    throws
  {
    let flight = try Flight(.init(seed: 4), .init(signal: true), after: 1_000_000)
    for _ in 0..<3 {
      flight.recorder.request()
      try flight.run(steps: 1)
    }
    try flight.run(seconds: 1)
    #expect(flight.store.joined == [2])
    flight.recorder.request()
    try flight.run(seconds: 1)
    #expect(flight.store.joined == [2, 0])
    #expect(try parse(flight.store.files[0].octets).notes.count == 3)
    for file in flight.store.files { #expect(try replay(file.octets).diverged == 0) }
  }

  @Test func `ends with the file of a trigger whose time was not over`() throws {
    let flight = try Flight(.init(seed: 4), .init(signal: true))
    try flight.run(steps: 10)
    flight.recorder.request()
    try flight.run(steps: 1)
    #expect(flight.store.files.isEmpty)
    _ = try flight.finish()
    #expect(try replay(#require(flight.store.files.first).octets).diverged == 0)
  }

  @Test func `ends after as many files as were asked for`() throws {
    let flight = try Flight(.init(seed: 4), .init(signal: true), after: 1, files: 2)
    for _ in 0..<2 {
      flight.recorder.request()
      try flight.run(steps: 20)
    }
    #expect(try flight.finish().reason == .files)
    #expect(flight.store.written.count == 2)
  }

  @Test func `goes on where a disk is full, and writes the file when it has room`() throws {
    let flight = try Flight(.init(seed: 4), .init(signal: true), after: 1)
    flight.store.room = 100
    flight.recorder.request()
    try flight.run(steps: 20)
    #expect(flight.store.files.isEmpty)
    #expect(flight.store.delayed == [.noRoom])
    flight.store.room = .max
    flight.recorder.request()
    try flight.run(seconds: 11)
    #expect(flight.store.joined == [1])
    #expect(try replay(#require(flight.store.files.first).octets).diverged == 0)
  }

  @Test func `says what it could not write in the end, and leaves nothing of it`() throws {
    let flight = try Flight(.init(seed: 4), .init(signal: true), after: 1)
    flight.store.room = 100
    flight.recorder.request()
    try flight.run(steps: 20)
    _ = try flight.finish()
    #expect(flight.store.files.isEmpty)
    #expect(flight.store.delayed == [.noRoom] && flight.store.unwritten == [.noRoom])
    #expect(flight.recorder.account.unwritten == 1)
  }

  @Test(arguments: [
    (0, 1, "vif7.1-fatal-000000001004ms"), (0, 2, "vif7.1-fatal-000000001004ms-2"),
    (1_795_748_910_987_654_321, 1, "vif7.1-fatal-20261127T030830Z"),
    (1_795_748_910_987_654_321, 3, "vif7.1-fatal-20261127T030830Z-3"),
  ])
  func `names a file for its vif, its cause and its second`(
    _ wallTime: UInt64, _ number: Int, _ name: String
  ) {
    let occasion = FlightOccasion(
      cause: .fatal(rule: 5), domain: DomainID(rawValue: 7), handle: VifHandle(rawValue: 1),
      time: MonotonicInstant(nanoseconds: 1_004_999_999), wallTime: wallTime)
    #expect(occasion.fileName(number) == name)
  }

  @Test func `tells a ring that stands still once, by its own clock`() throws {
    let flight = try Flight(.init(seed: 4), .init(stall: true), after: 1)
    try flight.run(steps: 3)
    flight.stalls.words = "ring full, queue 0, tx ring"
    try flight.run(seconds: 2)
    #expect(flight.store.written.map(\.cause) == [.stall("ring full, queue 0, tx ring")])
  }
}

// MARK: - Helpers

extension RecorderError {
  fileprivate static let noRoom = RecorderError.cannotWrite(.transfer(TransferError(code: 28)))
}

extension TraceEvent {
  fileprivate var isNote: Bool { if case .note = body { true } else { false } }

  /// The index of the slot, if it is the one that `crossPage` writes.
  fileprivate var crossingSlot: RingIndex? {
    guard case .slot(.tx, let index, let words) = body, words.w1 == 4000,
      words.w2 == 200 << 16 | 255
    else { return nil }
    return index
  }
}

extension Recorded {
  /// What its notes say.
  fileprivate var notes: [String] {
    events.filter { $0.event.isNote }.map { String(decoding: $0.payload, as: UTF8.self) }
  }
}

/// A simulated guest beside a flight recorder.
private final class Flight {
  let guest: SimulatedGuest
  let store = MemoryFlights()
  let stalls = ToldStalls()
  let recorder: FlightRecorder
  private let tap: TapRecorder
  /// Nanoseconds that went by beside the guest's.
  private var passed: UInt64 = 0

  var recording: Recording { tap.recording }

  init(
    _ guest: SimulatedGuest.Options, memory: UInt64 = 1 << 20, _ triggers: FlightTriggers,
    before: UInt64? = nil, after: UInt64 = 1_000_000_000, files: Int? = nil,
    usesThread: Bool = false
  ) throws {
    self.guest = try SimulatedGuest(guest)
    let options = FlightOptions(
      memory: memory, triggers: triggers, before: before, after: after, files: files)
    let stalls = stalls
    recorder = FlightRecorder(options, into: store) { _ in stalls }
    var recording = options.recording(stop: RecordingLimits())
    recording.usesThread = usesThread
    tap = try TapRecorder(
      [self.guest.device], describedBy: .init(clock: .simulated, snapLength: 160),
      options: recording, into: recorder, now: self.guest.now)
    try self.guest.connect()
  }

  func run(steps: Int) throws {
    for _ in 0..<steps {
      try guest.step()
      tick()
    }
  }

  private func tick() { _ = recording.tick(now: guest.now.advanced(by: passed)) }

  /// Goes on until so many octets were recorded in all.
  func run(octets: UInt64) throws {
    var steps = 0
    while recording.progress.octets < octets {
      try run(steps: 1)
      steps += 1
      try #require(steps < 5000)
    }
  }

  /// Lets time go by in which nothing comes.
  func run(seconds: UInt64) throws {
    try run(steps: 2)
    for _ in 0..<10 * seconds {
      passed += 100_000_000
      for _ in 0..<20 { tick() }
    }
  }

  func finish() throws -> RecorderReport { try tap.finish() }
}

/// Files in memory, on a disk with so much room.
private final class MemoryFlights: FlightStore {
  private(set) var files: [MemoryFlight] = []
  private(set) var written: [FlightOccasion] = []
  private(set) var joined: [UInt64] = []
  private(set) var delayed: [RecorderError] = []
  private(set) var unwritten: [RecorderError] = []
  var room = Int.max

  func make(_ occasion: FlightOccasion) throws(RecorderError) -> any RecordingFile {
    let file = MemoryFlight(room: room) { [unowned self] in files.removeLast() }
    files.append(file)
    return file
  }

  func tell(_ news: FlightNews) {
    switch news {
    case .written(let occasion, _, let joined):
      written.append(occasion)
      self.joined.append(joined)
    case .delayed(_, let error): delayed.append(error)
    case .unwritten(_, let error): unwritten.append(error)
    }
  }
}

private final class MemoryFlight: RecordingFile, ByteSink {
  private let room: Int
  private let onDiscard: () -> Void
  private(set) var octets: [UInt8] = []

  init(room: Int, onDiscard: @escaping () -> Void) {
    self.room = room
    self.onDiscard = onDiscard
  }

  var sink: any ByteSink { self }

  func write(_ octets: RawSpan) throws(TransferError) {
    guard self.octets.count + octets.byteCount <= room else { throw TransferError(code: 28) }
    self.octets.append(octets: octets)
  }

  func merge(level: Int32) -> TraceStatistics? { nil }
  func discard() { onDiscard() }
}

/// Tells what a test says, as long as it says so.
private final class ToldStalls: StallWatch {
  var words: String?

  func take(_ event: TraceEvent, payload: RawSpan) {}

  func standing(at time: MonotonicInstant) -> [StandingRing] {
    words.map { [StandingRing(vif: 0, words: $0)] } ?? []
  }
}
