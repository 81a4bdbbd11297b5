import RingCases
import SimulatedXen
import Testing
import XenInterface

/// The cases that are put to the kernel's netback and to ours. `Lab/jobs/differential.sh` asks the
/// kernel. What is shown here is that our netback plays them, and the same way each time.
@Suite struct DifferentialTests {
  /// Every so many cases are played, so that a debug build does it in seconds.
  private static let stride = 100

  @Test func `the cases have unique names`() {
    let names = CaseGenerator.stored.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.count >= 2000 + 500)
  }

  @Test func `a case has the same answer each time, and answers are read back as written`() throws {
    let cases = Swift.stride(from: 0, to: CaseGenerator.stored.count, by: Self.stride).map {
      CaseGenerator.stored[$0]
    }
    let (first, second) = (try Self.play(cases), try Self.play(cases))
    #expect(first.answers.count == cases.count)
    #expect(AnswerAgreement(first, second, on: cases).differing.isEmpty)
    #expect(try AnswerFile(text: first.text).text == first.text)
  }

  private static func play(_ cases: [TxCase]) throws -> AnswerFile {
    let machine = SimulatedMachine(seed: 1)
    let backend = SwiftCaseBackend(xen: machine.connect(.control), loop: machine.loop)
    let player = try CasePlayer(
      guest: machine.connect(DomainID(rawValue: 5)), toolstack: machine.connect(.control),
      loop: machine.loop, backend: backend, patience: .simulated)
    var file = AnswerFile(head: [])
    for asked in cases { file.add(asked.name, try player.play(asked)) }
    try player.finish()
    return file
  }
}
