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

@Suite struct `A trace and staged pages` {
  private static func options(_ seed: UInt64) -> SimulatedGuest.Options {
    .init(seed: seed, queues: 2, path: .staged, largestPayload: 3000, usesControlRing: true)
  }

  @Test(arguments: DataPath.allCases, [nil, 7])
  func `what a guest asks of its staging table does not keep its trace from being replayed`(
    _ path: DataPath, _ skipped: Int?
  ) throws {
    let octets = try record(Self.options(1), steps: 30, skipping: skipped, snapLength: 65535)
    let recorded = try parse(octets)
    #expect(skipped != nil || recorded.staged(status: 0) > 3)
    #expect(recorded.staged(status: 2) > 1)
    let report = try replay(octets, by: path)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.matched > 500 && report.notReplayed > 3)
  }

  @Test(arguments: [DataPath.copy, .staged])
  func `an altered answer to another message is reported beside them`(_ path: DataPath) throws {
    let recorded = try parse(try record(Self.options(2), steps: 30, skipping: 5))
    var tried = 0
    for number in recorded.events.indices {
      guard
        case .controlResponse(let index, let word0, let word1, let word2) =
          recorded.events[number].event.body, !(8...10).contains(word0 >> 16)
      else { continue }
      var altered = recorded
      altered.events[number].event.body = .controlResponse(
        index: index, word0: word0, word1: word1 ^ 4, word2: word2)
      #expect(try replay(altered, by: path).divergences.first?.number == UInt64(number))
      tried += 1
      if tried == 10 { break }
    }
    #expect(tried == 10)
  }

  @Test(arguments: DataPath.allCases)
  func `copies that failed fail again`(_ path: DataPath) throws {
    let guest = try SimulatedGuest(.init(seed: 6, largestPayload: 9000))
    let octets = try record(guest, snapLength: 65535) { _ in
      try guest.connect()
      let lies = [3, 4, 17, 40, 90, 91, 150].map {
        GrantLie(
          .copy, number: $0,
          answer: .status($0 % 2 == 0 ? .badGrantReference : .generalError))
      }
      guest.machine.tell(lies)
      for _ in 0..<20 { try guest.step() }
    }
    let recorded = try parse(octets)
    let failed = recorded.events.count {
      if case .grantCopy(_, _, let status) = $0.event.body { status != .okay } else { false }
    }
    #expect(failed == 7)
    let machine = SimulatedMachine(seed: 1)
    let report = try replay(octets, by: path, on: machine)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(machine.counters.holdNothing)
  }

  @Test(arguments: DataPath.allCases)
  func `a page that was staged for reading is refused again`(_ path: DataPath) throws {
    let guest = try SimulatedGuest(.init(seed: 8, path: .staged, largestPayload: 3000))
    let octets = try record(guest, snapLength: 65535) { _ in
      try guest.connect()
      let list = try StagingList(for: .control, allocator: guest.front.xen.allocator)
      let some = guest.front.queues[0].rxPages.grants.prefix(40)
      list.write(some.map { StagedGrant(grant: $0, isReadOnly: true) })
      for request in [list.deleting(40, from: 0), list.adding(40, to: 0)] {
        let answer = guest.front.ask(request, until: guest.now.advanced(by: 1_000_000_000))
        #expect(answer?.status == 0)
      }
      for _ in 0..<20 { try guest.step() }
    }
    let refused = try parse(octets).events.count {
      if case .grantCopy(_, .toGuest, .generalError) = $0.event.body { true } else { false }
    }
    #expect(refused > 3)
    let report = try replay(octets, by: path)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
  }

  @Test func `a replay over staged pages asks Xen for no copy of them`() throws {
    let octets = try record(.init(seed: 3), steps: 12)
    let machine = SimulatedMachine(seed: 1)
    #expect(try replay(octets, by: .staged, on: machine).diverged == 0)
    #expect(machine.counters.copyCalls == 0)
    #expect(machine.counters.holdNothing)
  }

  @Test func `what was seen of a kernel's netback is done over staged pages`() throws {
    for order in AnswerOrder.allCases {
      let recorded = try parse(
        try record(.init(seed: 4, order: order, largestPayload: 9000), steps: 20, snapLength: 300))
      let report = try replay(Observed(recorded).recorded, by: .staged)
      #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
      #expect(report.matched > 300)
    }
  }
}

extension Recorded {
  /// Answers to messages about staging grants with this status.
  fileprivate func staged(status: UInt32) -> Int {
    events.count {
      guard case .controlResponse(_, let word0, status, _) = $0.event.body else { return false }
      return (8...10).contains(word0 >> 16)
    }
  }
}
