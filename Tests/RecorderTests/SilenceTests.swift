import Netif
import Recorder
import Testing
import TraceFormat
import XenInterface

@Suite struct `A recording that ends in silence` {
  private let files = MemoryFiles()
  private let recording: Recording

  init() throws {
    let header = TraceHeader(
      source: .kernelTap, clock: .monotonic, profile: .linux, snapLength: 0, tool: "", vifs: [])
    recording = try Recording(into: files) { header }
  }

  private func tick(_ seconds: UInt64) {
    _ = recording.tick(now: MonotonicInstant(nanoseconds: seconds * 1_000_000_000))
  }

  /// An event by a clock of its own, which is an hour ahead.
  private func receive(at seconds: UInt64) {
    let time = MonotonicInstant(nanoseconds: (3600 + seconds) * 1_000_000_000)
    recording.receive(
      TraceEvent(time: time, origin: .observed, .disconnected), payload: RawSpan())
  }

  /// Seconds and kinds of all events.
  private func finish() throws -> [String] {
    _ = try recording.finish()
    var reader = try TraceReader(MemorySource(try #require(files.contents.first).octets))
    var events: [String] = []
    while let event = try reader.next() {
      let kind = "\(event.body)".prefix { $0 != "(" }
      events.append("\(event.time.nanoseconds / 1_000_000_000) \(kind)")
    }
    return events
  }

  @Test func `says how long nothing came, on the clock of the events`() throws {
    for second in 0..<60 as Range<UInt64> {
      if second == 2 { receive(at: 2) }
      tick(second)
    }
    #expect(try finish() == ["3602 disconnected", "3659 note"])
  }

  @Test func `says so if nothing came at all`() throws {
    tick(5)
    tick(65)
    #expect(try finish() == ["5 note", "65 note"])
  }

  @Test func `of less than a second says nothing`() throws {
    receive(at: 1)
    tick(1)
    tick(9)
    receive(at: 9)
    #expect(try finish() == ["3601 disconnected", "3609 disconnected"])
  }
}
