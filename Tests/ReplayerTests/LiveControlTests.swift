import Netback
import Netfront
import Netif
import Recorder
import Replayer
import RingCases
import SimulatedXen
import TestSupport
import Testing
import TraceFormat
import XenRing

@Suite struct `A control ring in front of a live backend` {
  private static func options(_ seed: UInt64) -> SimulatedGuest.Options {
    .init(seed: seed, queues: 2, largestPayload: 3000, usesControlRing: true)
  }

  @Test(arguments: [UInt64(1), 2, 3], [nil, 40])
  func `is asked what the recorded one was, and answers the same`(
    _ seed: UInt64, _ skipped: Int?
  ) throws {
    let octets = try record(Self.options(seed), steps: 30, skipping: skipped)
    let recorded = try parse(octets)
    #expect(recorded.controlAnswers.count > 20)
    let report = try LiveMachine().replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    for place in recorded.controlAnswers.prefix(8) {
      var altered = recorded
      altered.change(at: place) { body in
        guard case .controlResponse(let index, let word0, let status, let data) = body else {
          return
        }
        body = .controlResponse(index: index, word0: word0, word1: status, word2: data ^ 1)
      }
      let report = try LiveMachine().replay(altered)
      #expect(report.divergences.map(\.number) == [place])
      #expect(report.divergences.first?.kind == .differs)
      #expect(report.firstTurn != nil)
    }
  }

  @Test func `is asked by a guest that somebody saw who looked on`() throws {
    let recorded = try parse(try record(Self.options(7), steps: 20))
    let report = try LiveMachine().replay(Observed(recorded).recorded)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
  }

  @Test func `begins with what the guest had set`() throws {
    for octets in try recordRing(Self.options(5), steps: 30) {
      let report = try LiveMachine().replay(octets)
      #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    }
    var recorded = try parse(try record(Self.options(2), steps: 4, skipping: 40))
    recorded.header.vifs[0].hash.algorithm = 0
    recorded.header.vifs[0].hash.mapping = []
    let asked = recorded.first { if case .controlResponse = $0 { true } else { false } }
    let report = try LiveMachine().replay(recorded)
    #expect(asked != nil && report.divergences.first.map { $0.number >= asked ?? 0 } == true)
  }

  @Test func `is given what the pages of messages held`() throws {
    var recorded = try parse(try record(Self.options(2), steps: 30))
    let (place, answer) = try #require(recorded.mapping)
    recorded.events[place].payload[0] = 0xff
    let report = try LiveMachine().replay(recorded)
    #expect(report.divergences.contains { $0.number == answer && $0.kind == .differs })
  }

  @Test func `is not set to what no backend can have, whatever the trace says`() throws {
    let recorded = try parse(try record(Self.options(5), steps: 4, skipping: 40))
    for change: (inout HashSnapshot) -> Void in [
      { $0.mapping = Array(repeating: 0, count: 2000) },
      { $0.key = Array(repeating: 1, count: 5000) }, { $0.algorithm = 9 },
    ] {
      var altered = recorded
      change(&altered.header.vifs[0].hash)
      #expect(throws: LiveReplayError.badSnapshot(vif: 0)) { try LiveMachine().replay(altered) }
    }
  }

  @Test(arguments: [UInt16(4000), 4095, 4096, 4097, 65535])
  func `has in a page what fits into it, wherever the trace says that it was`(
    _ offset: UInt16
  ) throws {
    var recorded = try parse(try record(Self.options(2), steps: 30))
    let (place, _) = try #require(recorded.mapping)
    recorded.change(at: UInt64(place)) { body in
      guard case .memory(var operand) = body else { return }
      operand.offset = offset
      body = .memory(operand)
    }
    let report = try LiveMachine().replay(recorded)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
  }

  @Test func `cuts a guest off that claims more messages than it holds`() throws {
    let octets = try ControlReplayTests.recordExcessiveClaim()
    let report = try LiveMachine().replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    let faulty = LiveMachine { $0.controlRules.checksProducer = false }
    #expect(try faulty.replay(octets).divergences.contains { $0.kind == .unexpected })
  }

  @Test func `is left out where the guest had none, and for pages that stay mapped`() throws {
    var recorded = try parse(try record(Self.options(1), steps: 20, skipping: 5))
    recorded.header.vifs[0].control = nil
    let without = try LiveMachine().replay(recorded)
    #expect(without.diverged == 0 && without.notReplayed > 20)
    let staged = try record(
      .init(seed: 3, queues: 2, path: .staged, largestPayload: 3000, usesControlRing: true),
      steps: 20)
    let report = try LiveMachine(path: .staged).replay(staged)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.notReplayed > 0)
  }

  @Test func `of two backends is compared with each other, whatever the trace says`() throws {
    var recorded = try parse(try record(Self.options(2), steps: 20))
    let place = try #require(recorded.controlAnswers.first)
    recorded.change(at: place) { body in
      body = .controlResponse(index: RingIndex(rawValue: 0), word0: 0, word1: 9, word2: 9)
    }
    let same = try LiveMachine().replay(try recorded.octets(), against: LiveMachine())
    #expect(same.diverged == 0, "\(same.divergences.first.map { "\($0)" } ?? "")")
    let small = LiveMachine { $0.controlRules.mappingEntries = 8 }
    let report = try LiveMachine().replay(try recorded.octets(), against: small)
    #expect(report.divergences.first?.kind == .differs)
  }
}

extension Recorded {
  /// The answers on the control ring that are not about staging grants.
  fileprivate var controlAnswers: [UInt64] {
    events.indices.filter { place in
      guard case .controlResponse(_, let word0, _, _) = events[place].event.body else {
        return false
      }
      return word0 >> 16 < ControlMessage.getGrantMappingSize.rawValue
    }
    .map(UInt64.init)
  }

  /// The first mapping of hashes to queues that was taken: where its octets are, and its answer.
  fileprivate var mapping: (place: Int, answer: UInt64)? {
    var octets: Int?
    for (place, entry) in events.enumerated() {
      switch entry.event.body {
      case .memory(let operand) where operand.captured > 0: octets = place
      case .controlResponse(_, let word0, 0, _)
      where word0 >> 16 == UInt32(ControlMessage.setHashMapping.rawValue):
        if let octets { return (octets, UInt64(place)) }
      case .controlResponse, .slot: octets = nil
      default: break
      }
    }
    return nil
  }
}
