import Netif
import Recorder
import Replayer
import SimulatedXen
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct ObservedTests {
  @Test(arguments: [UInt64(1), 7], [nil, 4])
  func `what was seen from outside is replayed without a difference`(
    _ seed: UInt64, _ skipped: Int?
  ) throws {
    let recorded = try parse(
      try record(
        .init(seed: seed, order: .completion), steps: 8, skipping: skipped, snapLength: 300))
    let observed = Observed(recorded).recorded
    let report = try replay(observed, on: SimulatedMachine(seed: 1))
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.matched > 200)
    #expect(report.frames > 20)
    #expect(report.octets > 2000)
    #expect(report.orderFollowed > 20)
    #expect(report.orderJudged > 10)
    #expect(report.independentShare > 0.2 && report.independentShare < 1)
  }

  /// Linux copies when it has 64 copies, in the midst of a frame: it is out of the queue by then, in
  /// which alone it could have waited too long, and is answered with the next batch.
  @Test func `a frame that was taken before the batch that does not answer it is not lost`() throws
  {
    let original = try parse(
      try record(.init(seed: 1, order: .completion), steps: 8, snapLength: 300))
    let observed = Observed(original).recorded
    let batches = batches(of: observed)
    var moved = 0
    for (batch, later) in zip(batches, batches.dropFirst()) {
      let between = batch.upperBound..<later.lowerBound
      guard let next = between.first(where: { observed.events[$0].event.isTaken }) else { continue }
      var early = observed
      early.events.insert(early.events.remove(at: next), at: batch.lowerBound)
      // Long enough for any frame that waits.
      for place in early.events.indices where place > batch.lowerBound {
        let time = early.events[place].event.time
        early.events[place].event.time = time.advanced(by: 60_000_000_000)
      }
      let report = try replay(early, on: SimulatedMachine(seed: 1))
      #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
      moved += 1
    }
    #expect(moved > 3)
  }

  /// The events of each batch of RX answers, with the copies before them.
  private func batches(of recorded: Recorded) -> [Range<Int>] {
    var batches: [Range<Int>] = []
    var first: Int?
    for (place, entry) in recorded.events.enumerated() {
      switch entry.event.body {
      case .grantCopy(_, .toGuest, _), .rxResponse: first = first ?? place
      case .responseProducer(.rx, _):
        if let start = first { batches.append(start..<place + 1) }
        first = nil
      default: break
      }
    }
    return batches
  }

  @Test func `an altered octet, status or reach is reported`() throws {
    let recorded = try parse(
      try record(
        .init(seed: 7, order: .completion, largestPayload: 6000), steps: 4, snapLength: 300))
    let observed = Observed(recorded).recorded
    let machine = SimulatedMachine(seed: 1)
    var tried = 0
    for number in observed.events.indices where number % 5 == 0 {
      var altered = observed
      guard alter(&altered.events[number]) else { continue }
      machine.reset(seed: 1)
      let report = try replay(altered, on: machine)
      #expect(report.diverged > 0, "\(observed.events[number].event)")
      tried += 1
    }
    #expect(tried > 20)
  }

  private func alter(_ entry: inout (event: TraceEvent, payload: [UInt8])) -> Bool {
    switch entry.event.body {
    case .grantCopy(var operand, let direction, let status):
      operand.length -= 1
      entry.event.body = .grantCopy(operand, direction: direction, status: status)
    case .grantMap(let grant, let readOnly, let handle, _):
      entry.event.body = .grantMap(
        grant, readOnly: readOnly, handle: handle, status: .generalError)
    case .txResponse(let index, let request, let id, let status) where status != .null:
      entry.event.body = .txResponse(index: index, request: request, id: id, status: .error)
    case .delivered:
      entry.payload[entry.payload.count - 1] ^= 1
    case .rxResponse(let index, let word0, let word1):
      entry.event.body = .rxResponse(index: index, word0: word0 ^ 1, word1: word1)
    default: return false
    }
    return true
  }
}
