@testable import RingCases
import Netif
import Testing

@Suite struct `What the control cases cover` {
  private static let (done, unsupported, invalid) = (0, 1, 2)

  static let rules: [AnsweredRule] = [
    AnsweredRule(
      "a type that is not known is not supported", [unsupported, unsupported],
      [0, 8, 9, 10, 11, 12, 255, 256, 0x7fff, 0x8000, 0xffff].flatMap {
        ["type/\($0)", "type/\($0)-all-ones"]
      }),
    AnsweredRule(
      "without an algorithm there are no hash types", [unsupported, unsupported], ["type/1"]),
    AnsweredRule(
      "with one there are", [done, done, done], ["type/1-with-algorithm"]),
    AnsweredRule(
      "types are chosen for an algorithm only", [invalid, unsupported],
      [0, 1, 2, 4, 8, 15, 16, 0xffff_ffff].map { "flags/\($0)-without-algorithm" }),
    AnsweredRule(
      "known types may be chosen, all or none", [done, done, done],
      [0, 1, 2, 4, 5, 8, 10, 15].map { "flags/\($0)" }),
    AnsweredRule(
      "others may not", [done, invalid, done],
      [16, 17, 31, 0x8000_0000, 0xffff_ffff].map { "flags/\($0)" }),
    AnsweredRule("there may be no algorithm", [done, unsupported], ["algorithm/0"]),
    AnsweredRule("or Toeplitz", [done, done], ["algorithm/1"]),
    AnsweredRule(
      "or none that is known", [invalid, unsupported],
      [2, 0x101, 0x8000_0000, 0xffff_ffff].map { "algorithm/\($0)" }),
    AnsweredRule(
      "R-31: a key has up to 40 octets", [done, done], [0, 1, 2, 39, 40].map { "key/\($0)-good" }),
    AnsweredRule(
      "R-31: no octets need no page", [done, done], ["key/0-unknown", "key/0-revoked"]),
    AnsweredRule(
      "R-31: more do not go", [done, invalid],
      [41, 255, 4096, 0x10000, 0x10028, 0xffff_ffff].flatMap {
        ["key/\($0)-good", "key/\($0)-unknown"]
      }),
    AnsweredRule(
      "R-31: a key's page must be there", [done, invalid],
      [1, 39, 40].flatMap { ["key/\($0)-unknown", "key/\($0)-revoked"] }),
    AnsweredRule(
      "a mapping has up to 128 entries", [done, done, done, done, invalid],
      [1, 2, 127, 128].map { "size/\($0)" }),
    AnsweredRule("or none", [done, done, invalid, done, invalid], ["size/0"]),
    AnsweredRule(
      "or keeps those that it has", [done, invalid, done, invalid], ["size/refused-keeps-the-old"]),
    AnsweredRule(
      "R-30 a to c: a part of a mapping lies in it", [done, done],
      [(4, 0), (1, 3), (0, 4), (2, 2), (0, 0)].map { "mapping/\($0.0)-at-\($0.1)-of-4" }),
    AnsweredRule(
      "R-30 a to c: what does not, or wraps, is refused", [done, invalid],
      [
        (5, 0), (2, 3), (1, 4), (0, 5), (16, 0xffff_fff8), (1025, 0), (0x4001, 0), (0x4000, 0),
        (0x4000_0001, 0), (0x8000_0000, 0x8000_0000), (0xffff_ffff, 1),
      ].map { "mapping/\($0.0)-at-\($0.1)-of-4" }),
    AnsweredRule(
      "R-30 d and g: a part that names no queue is refused", [done, done, invalid, done],
      ["badFirst-1", "badFirst-128", "badInTheMiddle-64", "badLast-128"].map { "entries/\($0)" }),
    AnsweredRule(
      "entries behind the part do not count", [done, done, done, done],
      ["badInTheMiddle-63", "badLast-127", "badBehind-128"].map { "entries/\($0)" }),
    AnsweredRule(
      "R-30 f: a mapping's page must be there", [done, invalid],
      [1, 128, 129].flatMap { ["entries/unknown-\($0)", "entries/revoked-\($0)"] }),
    AnsweredRule(
      "a vif with one queue has no second", [done, invalid, done],
      [2, 64].map { "one-queue/bothQueues-\($0)" }),
    AnsweredRule(
      "what is set outlives a connection", [done, done, done, done, invalid],
      ["order/reconnect-keeps-what-is-set"]),
  ]

  @Test(arguments: rules)
  func `each rule has cases, and Linux follows it`(_ covered: AnsweredRule) throws {
    try StoredAnswers.control.forEachAnswer(to: covered.cases) { name, answer in
      #expect(answer.responses.map { Int($0.status) } == covered.statuses, "\(name)")
      #expect(!answer.isDisabled)
    }
  }

  @Test func `the random sequences have every trait often enough`() {
    let random = StoredAnswers.control.cases.filter { $0.name.hasPrefix("random/") }
    #expect(random.count >= 500)
    let messages = random.flatMap(\.publishes).flatMap(\.self)
    #expect(random.allSatisfy { $0.publishes.contains { $0.count > 1 } })
    func count(_ trait: (ControlSlot) -> Bool) -> Int { messages.count(where: trait) }
    for type in 1...7 as ClosedRange<UInt16> {
      #expect(count { $0.request.type == type } >= 150, "type \(type)")
    }
    #expect(count { !(1...7).contains($0.request.type) } >= 150)
    #expect(count { $0.grant == .unknown || $0.grant == .revoked } >= 100)
    #expect(random.count { $0.start != nil } >= 40)
  }

  @Test func `the random sequences are answered in every way`() throws {
    let stored = try StoredAnswers.control.answers()
    let random = StoredAnswers.control.cases.map(\.name).filter { $0.hasPrefix("random/") }
    let answers = random.flatMap(stored.answers(to:)).flatMap(\.responses)
    for message in ControlMessage.allCases where message.rawValue < 8 {
      let statuses = Set(answers.filter { $0.type == message.rawValue }.map(\.status))
      let isSure = message == .getHashMappingSize
      #expect(statuses.count == (isSure ? 1 : 2), "\(message)")
    }
  }
}
