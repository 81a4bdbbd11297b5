import Netback
import Netfront
import Netif
import Recorder
import Replayer
import SimulatedXen
import Testing
import TestSupport
import TraceFormat
import XenInterface
import XenRing

@Suite struct BusyStartTests {
  @Test(arguments: AnswerOrder.allCases, [3, 8])
  func `a trace that begins in the midst of traffic is replayed`(
    _ order: AnswerOrder, _ skipped: Int
  ) throws {
    let octets = try record(
      .init(seed: 9, order: order), steps: 12, skipping: skipped, snapLength: 160)
    let header = try parse(octets).header
    #expect(header.vifs.first?.queues.first?.tx.requestConsumer != RingIndex(rawValue: 0))
    let report = try replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.matched > 500)
    if order == .completion { #expect(report.answeredFromBefore > 0) }
  }

  @Test(arguments: AnswerOrder.allCases)
  func `each file of a ring is replayed by itself`(_ order: AnswerOrder) throws {
    let files = try recordRing(.init(seed: 12, order: order), steps: 16)
    #expect(files.count > 3)
    for octets in files {
      let report = try replay(octets)
      #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    }
  }

  @Test func `a vif that was cut off before stays so`() throws {
    let guest = try SimulatedGuest(.init(seed: 2))
    try guest.connect()
    guest.breakRules()
    try guest.step()
    #expect(guest.device.vif.context.isDisabled)
    let octets = try record(guest, snapLength: 65535) { _ in
      for _ in 0..<3 { try guest.step() }
    }
    #expect(try parse(octets).header.vifs.first?.isDisabled == true)
    #expect(try replay(octets).diverged == 0)
  }

  @Test func `a vif is cut off in the replay at the slot where it was`() throws {
    let octets = try recordViolation()
    let recorded = try parse(octets)
    let report = try replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(recorded.events.contains { $0.event.body == .disabled(rule: 5) })
  }

  @Test(arguments: [UInt32(1), 2])
  func `a rate limit is replayed without its timer`(_ queues: UInt32) throws {
    let options = SimulatedGuest.Options(
      seed: 6, queues: Int(queues), rate: "200000,50000")
    let report = try replay(try record(options, steps: 12, snapLength: 160))
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
  }
}

/// Records a guest that breaks a rule after a while, and what comes after.
func recordViolation(_ options: SimulatedGuest.Options = .init(seed: 2)) throws -> [UInt8] {
  let guest = try SimulatedGuest(options)
  return try record(guest) { _ in
    try guest.connect()
    for _ in 0..<4 { try guest.step() }
    guest.breakRules()
    for _ in 0..<3 { try guest.step() }
  }
}

extension SimulatedGuest {
  /// Publishes a packet whose data crosses its page, or lies in another.
  func breakRules(grant: GrantReference? = nil, offset: UInt16 = 4000) {
    let tx = front.queues[0].tx
    let bad = TxRequest(
      grant: grant ?? front.queues[0].txPages.grant(of: 0), offset: offset, flags: [], id: 255,
      size: 200)
    tx.put(bad)
    tx.publish()
  }
}
