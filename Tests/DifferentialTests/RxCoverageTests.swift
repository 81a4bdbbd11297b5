import Netif
@testable import RingCases
import Testing

@Suite struct `What the RX cases cover` {
  /// The statuses of data slots. -3 and -1 are Xen's numbers for a reference that is none and for one
  /// that was taken back.
  static let rules: [AnsweredRule] = [
    AnsweredRule(
      "a frame of a page or less takes a slot", [4095], ["size/4095", "size/4095/wrap"]),
    AnsweredRule("a page in one", [4096], ["size/4096", "size/4096/wrap"]),
    AnsweredRule("an octet more takes another", [4096, 1], ["size/4097", "size/4097/wrap"]),
    AnsweredRule("two pages in two", [4096, 4096], ["size/8192"]),
    AnsweredRule("an octet more takes a third", [4096, 4096, 1], ["size/8193"]),
    AnsweredRule(
      "the longest frame takes sixteen", Array(repeating: 4096, count: 15) + [4091],
      ["size/65531", "size/65531/wrap", "scarce/65531-one-less", "scarce/65531-none"]),
    AnsweredRule(
      "R-33: a frame waits until there are requests for all of it", [4096, 1],
      ["scarce/4097-one-less", "scarce/4097-none"]),
    AnsweredRule(
      "a frame that waits holds up those behind it", [4096, 1, 61],
      ["scarce/4097-holds-a-short-one", "scarce/4097-another-waits"]),
    AnsweredRule(
      "R-35: a bad reference fails its slot alone", [4096, -3, 808, 70],
      ["grant/unknown-1-of-3", "grant/unknown-1-of-3/wrap"]),
    AnsweredRule("the first too", [-3, 4096, 808, 70], ["grant/unknown-0-of-3"]),
    AnsweredRule("and the last", [4096, 4096, -3, 70], ["grant/unknown-2-of-3"]),
    AnsweredRule("all of them", [-3, -3, -3, 70], ["grant/unknown-all-of-3"]),
    AnsweredRule(
      "a page that was taken back is as bad", [4096, -1, 808, 70], ["grant/revoked-1-of-3"]),
    AnsweredRule(
      "an extra info needs no page", [4096, 4096, 808, 70], ["grant/unknown-1-with-extra"]),
    AnsweredRule(
      "R-36: what a producer claims beyond its requests is used", [60, 4096, -1, -1],
      ["request/producer-2-beyond", "request/producer-1000-beyond"]),
    AnsweredRule(
      "what stands beside id and reference means nothing", [4096, 4096, 808],
      ["request/pad", "request/same-id", "request/same-page"]),
    AnsweredRule(
      "frames for a guest that does not tell of requests expire", [61],
      ["guest/frames-expire", "guest/frames-expire-behind-one"]),
    AnsweredRule("those for one that does wait", [60], ["guest/notifies"]),
  ]

  @Test(arguments: rules)
  func `each rule has cases, and Linux follows it`(_ covered: AnsweredRule) throws {
    try StoredAnswers.rx.forEachAnswer(to: covered.cases) { name, answer in
      #expect(statuses(answer) == covered.statuses, "\(name)")
      #expect(!answer.isDisabled && !answer.touchesPages)
    }
  }

  private func statuses(_ answer: RxAnswer) -> [Int] {
    answer.queues.flatMap { slots in
      slots.compactMap { slot in
        if case .data(let response, _) = slot { Int(response.status.rawValue) } else { nil }
      }
    }
  }

  @Test func `R-34: a queue holds half a ring of pages and refuses more`() throws {
    let answers = try StoredAnswers.rx.answers().answers(to: "full/queue")
    #expect(answers.map { $0.queues[0].count } == [128])
  }

  @Test func `a frame that is to be cut brings its extra info in the second slot`() throws {
    let stored = try StoredAnswers.rx.answers()
    for name in StoredAnswers.rx.cases.map(\.name) where name.hasPrefix("uncut/") {
      for answer in stored.answers(to: name) {
        guard case .extra? = answer.queues[0].dropFirst().first else {
          Issue.record("\(name)")
          continue
        }
        #expect(answer.queues[0].count { if case .extra = $0 { true } else { false } } == 1)
      }
    }
  }

  @Test func `what the control ring has set shows in the queue and in a hash`() throws {
    let stored = try StoredAnswers.rx.answers()
    let answers = stored.answers(to: "hash/mapping-3")
    let hashes = answers.flatMap(\.queues).flatMap(\.self).filter {
      if case .extra(let low, _) = $0 { low & 0xff == 4 } else { false }
    }
    #expect(hashes.count == 4)
    #expect(answers.allSatisfy { $0.queues.count == 2 && $0.queues.allSatisfy { !$0.isEmpty } })
  }

  @Test func `the random sequences have every trait often enough`() {
    let random = StoredAnswers.rx.cases.filter { $0.name.hasPrefix("random/") }
    #expect(random.count >= 200)
    func count(_ trait: (RxStep) -> Bool) -> Int {
      random.count { $0.steps.contains(where: trait) }
    }
    #expect(count { if case .send(let frames) = $0 { frames.count > 1 } else { false } } >= 100)
    #expect(
      count {
        guard case .post(let slots, _, _) = $0 else { return false }
        return slots.contains { $0.grant == .unknown || $0.grant == .revoked }
      } >= 40)
    #expect(
      count {
        guard case .send(let frames) = $0 else { return false }
        return frames.contains { $0.offload.segmentation != nil }
      } >= 60)
    #expect(random.count { $0.start != nil } >= 40)
  }
}
