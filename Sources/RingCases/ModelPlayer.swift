public import Netif
import Oracle
import XenInterface
import XenRing

/// Answers TX cases by the model of the rules: no backend, no rings, no grants.
public struct ModelPlayer {
  private let asked: TxCase
  private var model: TxModel
  private var answer = CaseAnswer()
  /// What is still to be written.
  private var words: ArraySlice<SlotWords>
  /// Milliseconds since then.
  private var now: UInt64 = 0

  /// What a backend must answer to a case.
  public static func answer(to asked: TxCase, by profile: RuleProfile = .linux) -> CaseAnswer {
    var player = ModelPlayer(asked, profile)
    for step in asked.steps { player.play(step) }
    player.answer.isDisabled = player.model.isDisabled
    return player.answer
  }

  private init(_ asked: TxCase, _ profile: RuleProfile) {
    self.asked = asked
    words = BareQueue.words(of: asked)[...]
    model = TxModel(profile: profile, start: Self.start(asked), pages: BarePages.page)
    if let rate = asked.rate { limit(rate) }
  }

  private static func start(_ asked: TxCase) -> UInt32 { asked.start?.rawValue ?? 0 }

  private mutating func play(_ step: CaseStep) {
    switch step {
    case .publish(let slots, let beyond):
      for slot in words.prefix(slots.count) { model.write(slot) }
      words = words.dropFirst(slots.count)
      model.publish(beyond: beyond)
      run()
    case .pause(let milliseconds):
      let end = now + UInt64(milliseconds)
      while let alarm = model.alarm, alarm <= end {
        now = max(now, alarm)
        run()
      }
      now = end
      answer.answeredAtPauses.append(answer.slots.reduce(0) { $0 + 1 + Int($1.nulls) })
    case .changeRate(let rate):
      limit(rate)
      run()
    case .reconnect:
      model.reconnect(start: Self.start(asked), now: now)
      if let rate = asked.rate { limit(rate) }
    }
  }

  private mutating func limit(_ rate: CaseRate) {
    model.limit(bytes: rate.bytes, milliseconds: rate.microseconds / 1000, now: now)
  }

  private mutating func run() {
    repeat { take(model.run(now: now)) } while model.alarm.map { $0 <= now } ?? false
  }

  private mutating func take(_ outcome: ModelOutcome) {
    answer.slots += outcome.answers.map {
      AnsweredSlot(id: $0.id, status: $0.status, nulls: UInt16($0.nulls))
    }
    for place in outcome.frames.indices {
      answer.frames.append(FrameDigest(outcome.frames[place].octets))
    }
  }
}

extension TxCase {
  /// See `RingCase`.
  public func modelled(by profile: RuleProfile) -> CaseAnswer {
    ModelPlayer.answer(to: self, by: profile)
  }
}
