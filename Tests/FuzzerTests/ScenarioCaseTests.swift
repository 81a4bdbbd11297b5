import Fuzzer
import Netif
import RingCases
import Testing

@Suite struct `Scenarios as cases` {
  private static let seed: UInt64 = 3

  /// Cases that the netback on the simulation answers otherwise than the model.
  private func differing<Asked: RingCase>(_ cases: [Asked]) throws -> [String] {
    let agreement = AnswerAgreement(
      try AnswerFile.simulated(cases), AnswerFile.modelled(cases), on: cases)
    return agreement.differing.map { "\($0.name): \($0.what)" }
  }

  @Test func `of packets are answered as the model says`() throws {
    let cases = Scenario.cases(of: .tx, seed: Self.seed, 400) { $0.txCase($1) }
    let differing = try differing(cases)
    #expect(differing.isEmpty, "\(differing)")
    let answers = cases.map { $0.modelled(by: .linux) }
    #expect(answers.contains { $0.isDisabled })
    #expect(answers.filter { !$0.frames.isEmpty }.count > 100)
  }

  @Test func `of frames are answered as the model says`() throws {
    let cases = Scenario.cases(of: .rx, seed: Self.seed, 150) { $0.rxCase($1) }
    let differing = try differing(cases)
    #expect(differing.isEmpty, "\(differing)")
    #expect(cases.filter { !$0.modelled(by: .linux).queues[0].isEmpty }.count > 50)
  }

  @Test func `of messages are answered as the model says`() throws {
    let cases = Scenario.cases(of: .control, seed: Self.seed, 300) { $0.controlCase($1) }
    let differing = try differing(cases)
    #expect(differing.isEmpty, "\(differing)")
    #expect(Set(cases.flatMap { $0.modelled(by: .linux).responses.map(\.status) }).count == 3)
  }

  @Test func `are the same for the same seed`() {
    let names = { (seed: UInt64) in
      Scenario.cases(of: .tx, seed: seed, 20) { $0.txCase($1) }.map { "\($0)" }
    }
    #expect(names(7) == names(7))
    #expect(names(7) != names(8))
  }
}
