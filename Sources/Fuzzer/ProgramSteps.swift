import Oracle
import RingCases
import XenRing

/// The steps of a scenario as calls of a C program. They are played here, too: so it is known which slots the guest
/// writes, and which answers must come.
struct ProgramSteps {
  /// Octets of a piece of data that the program has; headers end before.
  private static let head = 96

  /// The calls, each a line.
  private(set) var calls: [String] = []
  /// Answers that must come, in their order.
  private(set) var answers: [ModelAnswer] = []
  /// Where data begins, and how many octets of it there are, by page and offset.
  private(set) var pieces: [UInt32: Int] = [:]
  /// Steps that are about other rings.
  private(set) var leftOut = 0
  /// What our netback did that it must not, if anything; the calls end there.
  private(set) var failure: ScenarioFailure?
  private let player: ScenarioPlayer
  private var slots = ProgramSlots()

  init(_ scenario: Scenario) throws(ScenarioProgramError) {
    guard scenario.vif.stage == .rings else { throw .life }
    player = ScenarioPlayer(scenario.vif)
    for (place, step) in scenario.steps.enumerated() where failure == nil {
      try take(step, at: place)
    }
    guard calls.contains(where: { $0.hasPrefix("publish") }) else { throw .nothingSent }
  }

  private mutating func take(_ step: ScenarioStep, at place: Int) throws(ScenarioProgramError) {
    let (index, number) = (player.tx.guest.written, player.tx.guest.nextID)
    let wasCutOff = player.world.isCutOff
    player.world.answers = []
    failure = player.failure(of: step, at: place)
    switch step {
    case .send, .extra, .raw(.tx, _):
      guard player.tx.guest.written != index else { return }
      take(player.tx.guest.ring.slot(index), number: number)
    case .publish(.tx, let beyond, let tells):
      calls.append("publish(\(beyond));")
      if tells { tell() }
    case .listen(.tx, let ahead): calls.append("listen_for(\(ahead));")
    case .pass(let milliseconds): calls.append("usleep(\(milliseconds) * 1000);")
    case .fill(let page, let offset, let length, let octet):
      calls.append("fill(\(page), \(offset), \(length), \(octet));")
    case .word(let page, let place, let value):
      calls.append("write_word(\(page), \(place), \(value.inC));")
    case .grant(_, .read), .grant(_, .write): break
    case .reconnect:
      calls += ["leave();", "join();"]
      slots = ProgramSlots()
    case .flip(.tx, _, _, _), .grant(_, .none), .refuse, .lie, .rate:
      throw .notTheGuests(step: place)
    case .offer, .message, .raw, .flip, .publish, .listen, .frame:
      guard player.world.isCutOff == wasCutOff else { throw .cutOffElsewhere(step: place) }
      leftOut += 1
    case .key, .rings, .ahead, .toolstack, .packets, .join, .deliver, .release, .storm, .die: break
    }
  }

  private mutating func tell() {
    let answers = player.world.answers ?? []
    calls.append("tell(\(answers.reduce(0) { $0 + 1 + $1.nulls }));")
    self.answers += answers
  }

  private mutating func take(_ words: SlotWords, number: UInt16) {
    guard !slots.takeExtra(words) else { return put(words[0].inC, words) }
    guard let page = ScenarioGrant.page(of: words[0]) else {
      return putData("never(\(words[0].inC))", words, number)
    }
    note(page, offset: words[1] & 0xffff, size: Int(words[2] >> 16))
    putData("page(\(page))", words, number)
  }

  private mutating func note(_ page: Int, offset: UInt32, size: Int) {
    let count = min(size, Self.head, RingLayout.pageSize - Int(offset))
    let piece = UInt32(page) << 16 | offset
    if count > 0 { pieces[piece] = max(pieces[piece] ?? 0, count) }
  }

  private mutating func putData(_ reference: String, _ words: SlotWords, _ number: UInt16) {
    guard words[2] & 0xffff == number else { return put(reference, words) }
    let (offset, flags, size) = (words[1] & 0xffff, words[1] >> 16, words[2] >> 16)
    calls.append("put_data(\(reference), \(offset), \(size), \(flags.inC));")
  }

  private mutating func put(_ first: String, _ words: SlotWords) {
    calls.append("put(\(first), \(words[1].inC), \(words[2].inC));")
  }
}

extension FixedWidthInteger {
  /// As C has it.
  var inC: String { "0x" + String(self, radix: 16) }
}
