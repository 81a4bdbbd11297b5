import Netif
import Recorder
import Replayer
import SimulatedXen
import Testing
import TestSupport
import TraceFormat
import XenInterface
import XenRing

@Suite struct BlindnessTests {
  /// Alterations that are tried.
  static let count = 1000
  static let seed: UInt64 = 20

  @Test(arguments: AnswerOrder.allCases)
  func `an altered field is reported where it is`(_ order: AnswerOrder) throws {
    let recorded = try parse(
      try record(
        .init(seed: 11, order: order, largestPayload: 6000), steps: 3, snapLength: 128))
    let machine = SimulatedMachine(seed: 1)
    #expect(try replay(recorded, on: machine).diverged == 0)
    var missed: [String] = []
    var misplaced: [String] = []
    // Fewer, and not some of those that are picked, which would pass over the same fields each time.
    let tried = Thoroughness.some(of: 0..<Self.count / AnswerOrder.allCases.count, every: 4)
    for alteration in pick(recorded, tried.count) {
      machine.reset(seed: 1)
      var altered = recorded
      altered.events[alteration.number] = (alteration.event, alteration.payload)
      let report = try replay(altered, on: machine)
      let name = "\(alteration.field) of event \(alteration.number)"
      if report.diverged == 0 {
        missed.append(name)
      } else if !isPlaced(report, alteration, recorded) {
        misplaced.append("\(name): \(report.divergences.map(\.number))")
      }
    }
    #expect(missed == [])
    #expect(misplaced == [])
  }

  @Test func `an altered rule is reported`() throws {
    let recorded = try parse(try recordViolation())
    let alterations = Alterations(recorded).all.filter { $0.field == "disabled.rule" }
    #expect(alterations.count == 1)
    for alteration in alterations {
      var altered = recorded
      altered.events[alteration.number] = (alteration.event, alteration.payload)
      let report = try replay(altered, on: SimulatedMachine(seed: 1))
      #expect(report.divergences.contains { $0.number == UInt64(alteration.number) })
    }
  }

  /// Every field as often as any other, as far as the trace has it, drawn with a fixed seed.
  private func pick(_ recorded: Recorded, _ count: Int) -> [Alteration] {
    var random = SeededGenerator(seed: Self.seed)
    let fields = Dictionary(grouping: Alterations(recorded).all, by: \.field)
    var rest = fields.sorted { $0.key < $1.key }.map { $0.value.shuffled(using: &random) }
    var picked: [Alteration] = []
    while picked.count < count, rest.contains(where: { !$0.isEmpty }) {
      for place in rest.indices where !rest[place].isEmpty && picked.count < count {
        picked.append(rest[place].removeLast())
      }
    }
    return picked
  }

  /// The first difference is at the altered event or, for what the backend was given, in its turn.
  private func isPlaced(
    _ report: ReplayReport, _ alteration: Alteration, _ recorded: Recorded
  ) -> Bool {
    guard let first = report.divergences.first else { return false }
    let number = UInt64(alteration.number)
    if report.divergences.contains(where: { $0.number == number }) { return true }
    switch recorded.events[alteration.number].event.body {
    case .slot(.tx, let index, _) where alteration.field == "slot.id":
      // The answer has the id; with releases it comes later.
      if case .txResponse(_, index, _, _)? = first.recorded?.body { return true }
    case .taken:
      // The frame waits for its turn.
      return first.number > number && first.recorded.map { isOfRx($0.body) } ?? true
    default: break
    }
    return first.number >= turnStart(number, recorded) && first.number <= turnEnd(number, recorded)
  }

  private func isOfRx(_ body: TraceEvent.Body) -> Bool {
    switch body {
    case .rxResponse, .grantCopy(_, .toGuest, _): true
    default: false
    }
  }

  private func isEnd(_ body: TraceEvent.Body, like altered: TraceEvent.Body) -> Bool {
    switch (body, altered) {
    case (.responseProducer(.rx, _), .taken), (.responseProducer(.rx, _), .slot(.rx, _, _)),
      (.responseProducer(.rx, _), .grantCopy(_, .toGuest, _)),
      (.responseProducer(.rx, _), .rxResponse), (.responseProducer(.rx, _), .notification),
      (.pollEnd, _):
      true
    default: false
    }
  }

  private func turnStart(_ number: UInt64, _ recorded: Recorded) -> UInt64 {
    let altered = recorded.events[Int(number)].event.body
    let before = recorded.events[..<Int(number)].lastIndex { isEnd($0.event.body, like: altered) }
    return before.map { UInt64($0) + 1 } ?? 0
  }

  private func turnEnd(_ number: UInt64, _ recorded: Recorded) -> UInt64 {
    let altered = recorded.events[Int(number)].event.body
    let end = recorded.events[Int(number)...].firstIndex { isEnd($0.event.body, like: altered) }
    return end.map { UInt64($0) } ?? .max
  }
}
