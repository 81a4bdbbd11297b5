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
