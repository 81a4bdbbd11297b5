import Netback
import Netfront
import Netif
import Recorder
import Replayer
import SimulatedXen
import Testing
import TraceFormat
import XenInterface
import XenRing

/// A trace in memory.
struct Recorded {
  var header: TraceHeader
  var events: [(event: TraceEvent, payload: [UInt8])]
}

/// Records `steps` steps of a simulated guest; `skipping` steps go by before.
func record(
  _ options: SimulatedGuest.Options, steps: Int, skipping: Int? = nil, snapLength: UInt32 = 65535
) throws -> [UInt8] {
  let guest = try SimulatedGuest(options)
  if let skipping {
    try guest.connect()
    for _ in 0..<skipping { try guest.step() }
  }
  return try record(guest, snapLength: snapLength) { recorder in
    if skipping == nil { try guest.connect() }
    for _ in 0..<steps {
      try guest.step()
      _ = recorder.recording.tick(now: guest.now)
    }
  }
}

/// Records what a guest does in `body`.
func record(
  _ guest: SimulatedGuest, snapLength: UInt32 = 160, _ body: (TapRecorder) throws -> Void
) throws -> [UInt8] {
  let files = MemoryFiles()
  let recorder = try TapRecorder(
    [guest.device], describedBy: .init(clock: .simulated, snapLength: snapLength), into: files,
    now: guest.now)
  try body(recorder)
  _ = try recorder.finish()
  return try #require(files.contents.first).octets
}

/// Records into a ring of files, each of which begins in the midst of traffic.
func recordRing(_ options: SimulatedGuest.Options, steps: Int) throws -> [[UInt8]] {
  let guest = try SimulatedGuest(options)
  let files = MemoryFiles()
  let recorder = try TapRecorder(
    [guest.device], describedBy: .init(clock: .simulated, snapLength: 160),
    options: RecordingOptions(newFile: RecordingLimits(packets: 25)), into: files, now: guest.now)
  try guest.connect()
  for _ in 0..<steps {
    try guest.step()
    _ = recorder.recording.tick(now: guest.now)
  }
  _ = try recorder.finish()
  return files.contents.map(\.octets)
}

func parse(_ octets: [UInt8]) throws -> Recorded {
  var reader = try TraceReader(MemorySource(octets))
  var recorded = Recorded(header: reader.header, events: [])
  while let event = try reader.next() {
    recorded.events.append((event, reader.payload.array))
  }
  return recorded
}

func replay(
  _ octets: [UInt8], by path: DataPath = .copy,
  on machine: SimulatedMachine = SimulatedMachine(seed: 1)
) throws -> ReplayReport {
  try Replayer(in: ReplayWorld(on: machine), options: ReplayOptions(path: path))
    .replay(MemorySource(octets))
}

func replay(
  _ recorded: Recorded, by path: DataPath = .copy,
  on machine: SimulatedMachine = SimulatedMachine(seed: 1)
) throws -> ReplayReport {
  var session = try ReplaySession(
    recorded.header, in: ReplayWorld(on: machine), options: ReplayOptions(path: path))
  for (number, entry) in recorded.events.enumerated() {
    try session.take(entry.event, payload: entry.payload.span.octets, number: UInt64(number))
  }
  return session.finish()
}

extension Recorded {
  /// The trace as a file.
  func octets() throws -> [UInt8] {
    let sink = MemorySink()
    var writer = try TraceWriter(header, to: sink)
    for entry in events { try writer.append(entry.event, payload: entry.payload.span.octets) }
    _ = try writer.finish()
    return sink.octets
  }

  /// Makes an answer on TX another one: the last that is meant.
  ///
  /// - Returns: the number of the event.
  @discardableResult
  mutating func alterAnswer(where isMeant: (TraceEvent) -> Bool = { _ in true }) throws -> UInt64 {
    for place in events.indices.reversed() where isMeant(events[place].event) {
      guard case .txResponse(let index, let request, let id, _) = events[place].event.body
      else { continue }
      events[place].event.body = .txResponse(
        index: index, request: request, id: id, status: .dropped)
      return UInt64(place)
    }
    throw RecordingError.noAnswer
  }
}

/// What a test expects of a recording, and does not find.
enum RecordingError: Error { case noAnswer }

extension SimulatedGuest {
  /// Sends frames of the caller's, all published together, and nothing else.
  func send(_ frames: [[UInt8]], offload: FrameOffload = FrameOffload()) throws {
    let queue = front.queues[0]
    let sender = TxSender(queue)
    for frame in frames { _ = try sender.send(frame.span.octets, offload: offload) }
    queue.tx.publish()
    _ = machine.loop.run(until: now.advanced(by: 1_000_000)) { false }
    #expect(try sender.collect().allSatisfy { $0.status == .okay })
    #expect(sender.outstanding == 0)
  }
}

extension TraceEvent {
  /// Whether the guest took a frame.
  var isTaken: Bool { if case .taken = body { true } else { false } }
}
