import Netback
import RingCases
import TestSupport
import Testing

/// The cases that `Lab/jobs/differential.sh` has put to the kernel's netback, put to ours on the
/// simulation.
@Suite struct `Our netback beside Linux's` {
  @Test(arguments: [DataPath.copy, .map, .staged])
  func `the stored TX cases are answered as Linux answered them`(_ path: DataPath) async throws {
    try await expectAgreement(StoredAnswers.tx, "TX by \(path)", path: path)
  }

  @Test(arguments: [DataPath.copy, .staged])
  func `the stored RX cases are answered as Linux answered them`(_ path: DataPath) async throws {
    try await expectAgreement(StoredAnswers.rx, "RX by \(path)", path: path)
  }

  @Test func `the stored control cases are answered as Linux answered them`() async throws {
    try await expectAgreement(StoredAnswers.control, "control")
  }

  @Test func `every TX case has an answer that reads back, and every answer a case`() throws {
    try expectWholeness(StoredAnswers.tx)
  }

  @Test func `every RX case has an answer that reads back, and every answer a case`() throws {
    try expectWholeness(StoredAnswers.rx)
  }

  @Test func `every control case has an answer that reads back, and every answer a case`() throws {
    try expectWholeness(StoredAnswers.control)
  }

  @Test func `a TX case has the same answer each time`() throws {
    try expectTheSameTwice(StoredAnswers.tx)
  }

  @Test func `an RX case has the same answer each time`() throws {
    try expectTheSameTwice(StoredAnswers.rx)
  }

  @Test func `a control case has the same answer each time`() throws {
    try expectTheSameTwice(StoredAnswers.control)
  }

  @Test func `a control producer that Linux follows beyond its ring cuts a guest off here`() throws
  {
    let cases = StoredAnswers.control.cases.filter(\.isStricterHere)
    #expect(cases.count == 8)
    let ours = try AnswerFile.simulated(cases)
    for asked in cases {
      let linux = try StoredAnswers.control.answers().answers(to: asked.name)
      #expect(linux.map(\.isDisabled) == [false], "\(asked.name)")
      #expect(linux.allSatisfy { $0.published > 128 }, "\(asked.name)")
      #expect(ours.answers(to: asked.name).map(\.line) == ["D 0 -"], "\(asked.name)")
    }
  }
}

private let shards = 16

private func expectAgreement<Asked: RingCase>(
  _ set: Stored<Asked>, _ what: String, path: DataPath = .copy
) async throws {
  // What is not copied is judged by the same code.
  let cases = path == .copy ? set.cases : Thoroughness.some(of: set.cases, every: 4)
  let stored = try set.answers()
  let played = try await withThrowingTaskGroup(of: AnswerFile<Asked>.self) { group in
    for shard in 0..<shards {
      group.addTask {
        try .simulated(
          stride(from: shard, to: cases.count, by: shards).map { cases[$0] }, path: path)
      }
    }
    return try await group.reduce(into: AnswerFile()) { $0.add($1) }
  }
  let agreement = AnswerAgreement(stored, played, on: cases)
  for difference in agreement.differing {
    Issue.record(
      """
      \(difference.name): \(difference.what.map(\.description).joined(separator: "; "))
      Linux: \(stored.answers(to: difference.name).map(\.line))
      ours: \(played.answers(to: difference.name).map(\.line))
      """)
  }
  let itself = stored.head.first { $0.key == "with itself" }?.value ?? "not known"
  print("check: \(what), Linux's netback and ours: \(agreement); Linux's with itself: \(itself)")
}

private func expectWholeness<Asked: RingCase>(_ set: Stored<Asked>) throws {
  let (names, stored) = (set.cases.map(\.name), try set.answers())
  #expect(Set(names).count == names.count)
  #expect(stored.names == names)
  #expect(try AnswerFile<Asked>(text: stored.text).text == stored.text)
}

private func expectTheSameTwice<Asked: RingCase>(_ set: Stored<Asked>) throws {
  let cases = stride(from: 0, to: set.cases.count, by: 100).map { set.cases[$0] }
  #expect(try AnswerFile.simulated(cases).text == AnswerFile.simulated(cases).text)
}
