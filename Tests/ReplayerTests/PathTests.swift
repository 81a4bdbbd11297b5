import Netback
import Netif
import Recorder
import Replayer
import SimulatedXen
import Testing
import TestSupport
import TraceFormat
import XenInterface
import XenRing

@Suite struct `A trace and the ways in which data comes` {
  @Test(arguments: DataPath.allCases, DataPath.allCases)
  func `what came one way is replayed another way without a difference`(
    _ recorded: DataPath, _ replayed: DataPath
  ) throws {
    for order in AnswerOrder.allCases {
      let octets = try record(
        .init(seed: 3, order: order, path: recorded), steps: 12, snapLength: 65535)
      let machine = SimulatedMachine(seed: 1)
      let report = try replay(octets, by: replayed, on: machine)
      #expect(report.diverged == 0, "\(order): \(report.divergences.first.map { "\($0)" } ?? "")")
      #expect(report.matched > 500)
      #expect(report.frames > 30)
      #expect(machine.counters.holdNothing, "\(machine.counters)")
    }
  }

  /// A replay looks at all octets, and does not count that.
  @Test(arguments: DataPath.allCases)
  func `what is touched in a replay is what the backend had to read itself`(
    _ path: DataPath
  ) throws {
    let guest = try SimulatedGuest(.init(seed: 1, path: .map))
    let octets = try record(guest, snapLength: 65535) { _ in
      try guest.connect()
      let frame = FrameOffload(checksum: .partial)
      try guest.send([longHeaders(options: 120), longHeaders(options: 8)], offload: frame)
      try guest.send([longHeaders(options: 160)], offload: frame)
    }
    let report = try replay(octets, by: path, on: SimulatedMachine(seed: 1))
    #expect((report.diverged, report.frames, report.packets) == (0, 3, 3))
    let maps = ![.copy, .staged, .persistent].contains(path)
    #expect(report.mapped.touched == (maps ? 2 : 0))
    #expect((report.mapped.unmapBatches, report.mapped.unmappedPages) == (maps ? (2, 3) : (0, 0)))
    #expect(report.mapped.pagesPerBatch == (maps ? 1.5 : nil))
  }

  /// The verdict is not blind for what is mapped.
  @Test func `an altered octet of a mapped page is reported`() throws {
    let octets = try record(
      .init(seed: 5, order: .completion, path: .map), steps: 4, snapLength: 65535)
    let recorded = try parse(octets)
    var tried = 0
    for number in recorded.events.indices {
      guard case .delivered = recorded.events[number].event.body,
        recorded.events[number].payload.count > 1000
      else { continue }
      var altered = recorded
      altered.events[number].payload[700] ^= 1
      #expect(try replay(altered, on: SimulatedMachine(seed: 1)).diverged > 0)
      tried += 1
    }
    #expect(tried > 3)
  }
}
