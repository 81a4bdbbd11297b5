import FaultyTwins
import Fuzzer
import Replayer
import SimulatedXen
import TraceFormat
import XenInterface
import XenRing

extension LargeTrace {
  /// Events of a window.
  private static let window: UInt64 = 50_000

  /// A thousand events from the middle, as text.
  func middle() throws -> String {
    var reader = try TraceReader(try open())
    let begin = try extent(&reader).events / 2
    try reader.seek(toEvent: begin)
    return try print(&reader, from: begin) { $1 < begin + 1000 }
  }

  /// The last second, as text.
  func tail() throws -> String {
    var reader = try TraceReader(try open())
    let end = try extent(&reader).end
    let begin = MonotonicInstant(nanoseconds: end.nanoseconds - min(end.nanoseconds, 1_000_000_000))
    try reader.seek(toBlockOf: begin)
    var first: UInt64 = 0
    while let event = try reader.next(), event.time < begin { first = reader.eventNumber }
    try reader.seek(toEvent: first)
    return try print(&reader, from: first) { _, _ in true }
  }

  /// A window from the middle, replayed.
  func replay() throws -> String {
    var reader = try TraceReader(try open())
    let part = try window(of: &reader)
    var options = ReplayOptions()
    options.from = .event(part.lowerBound)
    options.to = .event(part.upperBound)
    let world = ReplayWorld(on: SimulatedMachine(seed: 1))
    let report = try Replayer(in: world, options: options).replay(try open())
    return "\(report.recorded) events replayed, \(report.diverged) diverged"
  }

  /// A scenario of the window that some faulty twin of the netback fails, made small.
  func minimize() throws -> String {
    for scenario in try scenarios() {
      for twin in FaultyTwin.ofRings {
        let seam = twin.seam
        guard
          var minimizer = ScenarioMinimizer(
            scenario, play: { ScenarioEnd(ScenarioPlayer.failure(of: $0, seam)) })
        else { continue }
        minimizer.minimize()
        return
          "\(scenario.steps.count) steps to \(minimizer.scenario.steps.count), \(minimizer.runs) plays, \(twin.name)"
      }
    }
    return "no twin fails any of it"
  }

  /// All events.
  func read() throws -> String { "\(try events()) events" }

  /// How many it has, each read.
  func events() throws -> Int {
    var reader = try TraceReader(try open())
    var events = 0
    while try reader.next() != nil { events += 1 }
    return events
  }

  private func extent(_ reader: inout TraceReader) throws -> TraceExtent {
    try reader.extent() ?? TraceExtent()
  }

  private func window(of reader: inout TraceReader) throws -> Range<UInt64> {
    let events = try extent(&reader).events
    return events / 2..<min(events / 2 + Self.window, events)
  }

  private func scenarios() throws -> [Scenario] {
    var reader = try TraceReader(try open())
    let part = try window(of: &reader)
    try reader.seek(toSnapshotsBefore: part.lowerBound)
    var scenarios = TraceScenarios(reader.header)
    if reader.eventNumber > 0 { scenarios.leap() }
    while reader.eventNumber < part.upperBound, let event = try reader.next() {
      if reader.eventNumber - 1 == part.lowerBound { scenarios.restart() }
      scenarios.take(event, payload: reader.payload)
    }
    scenarios.finish()
    return scenarios.takeFinished()
  }

  /// Prints events to nowhere while `isWanted` is true of an event and its number.
  private func print(
    _ reader: inout TraceReader, from first: UInt64, _ isWanted: (TraceEvent, UInt64) -> Bool
  ) throws -> String {
    let sink = CountedSink()
    var writer = try TraceTextWriter(reader.header, to: sink)
    var number = first
    while let event = try reader.next(), isWanted(event, number) {
      try writer.append(event, payload: reader.payload)
      number += 1
    }
    try writer.finish()
    return "\(number - first) events, \(sink.octets) octets of text"
  }
}

/// Counts octets and keeps none.
private final class CountedSink: ByteSink {
  private(set) var octets = 0

  func write(_ octets: RawSpan) throws(TransferError) { self.octets += octets.byteCount }
}
