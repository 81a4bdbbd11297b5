public import Netif
import Oracle
import XenInterface
import XenRing

/// Answers control cases by the model of the rules: no backend, no rings, no grants.
struct ControlModelPlayer {
  private static let octets = ControlPages.allCases.map(\.octets)
  private static let grants = octets.indices.map { GrantReference(rawValue: 200 + UInt32($0)) }

  private var model: ControlModel

  /// A vif with some queues, whose ring starts at `start`.
  init(queues: Int, start: UInt32) {
    model = ControlModel(queues: queues, start: start) { grant in
      Self.grants.firstIndex { $0.rawValue == grant }.map { Self.octets[$0] }
    }
  }

  /// What was set so far.
  var hash: ModelHash { model.hash }

  /// What a backend must answer to a case.
  static func answer(to asked: ControlCase) -> ControlAnswer {
    // What a case sets is unset before it, on the same ring.
    let start = (asked.start?.rawValue ?? 0) &- UInt32(ControlTalk.reset.count)
    var player = ControlModelPlayer(queues: asked.queues, start: start)
    _ = player.publish(ControlTalk.reset)
    var answer = ControlAnswer()
    for step in asked.steps { answer.add(player.play(step)) }
    return answer
  }

  private mutating func play(_ step: ControlStep) -> ControlAnswer {
    switch step {
    case .publish(let messages, let beyond): return publish(messages, beyond: beyond)
    case .reconnect:
      model.reconnect(start: 0)
      return ControlAnswer()
    }
  }

  /// Has messages answered.
  mutating func publish(
    _ messages: [ControlSlot], beyond: UInt32 = 0
  ) -> ControlAnswer {
    for message in messages {
      model.write(message.resolved { $0.reference(among: Self.grants, revoked: nil) })
    }
    var answer = ControlAnswer()
    answer.responses = model.publish(beyond: beyond)
    answer.published = UInt32(answer.responses.count)
    answer.isDisabled = model.isDisabled
    return answer
  }
}

extension ControlCase {
  /// See `RingCase`.
  public func modelled(by profile: RuleProfile) -> ControlAnswer {
    ControlModelPlayer.answer(to: self)
  }
}
