public import Netif
public import RingCases
import XenRing

extension Scenario {
  /// A case as a scenario: the same slots, which models and netback are held to step by step.
  public init(_ asked: TxCase, by profile: RuleProfile = .linux) {
    var vif = ScenarioVif()
    vif.profile = profile
    vif.start = asked.start?.rawValue ?? 0
    self.init(vif, asked.rate.map { [.limit($0)] } ?? [])
    for step in asked.steps {
      switch step {
      case .publish(let slots, let beyond):
        steps += slots.map(ScenarioStep.init)
        steps.append(.publish(.tx, beyond: beyond, tells: true))
      case .pause(let milliseconds):
        steps.append(.pass(milliseconds: UInt16(clamping: milliseconds)))
      case .reconnect: steps.append(.reconnect)
      case .changeRate(let rate): steps.append(.limit(rate))
      }
    }
  }
}

extension ScenarioStep {
  fileprivate static func limit(_ rate: CaseRate) -> ScenarioStep {
    .rate(
      octets: UInt32(clamping: rate.bytes), milliseconds: UInt8(clamping: rate.microseconds / 1000))
  }

  fileprivate init(_ slot: CaseSlot) {
    guard let grant = slot.grant else {
      let words = slot.words
      self = .raw(.tx, ScenarioWords(words[0], words[1], words[2], words[3]))
      return
    }
    let request = slot.request
    self = .send(
      ScenarioSlot(
        ScenarioGrant(grant), offset: request.offset, size: request.size,
        flags: request.flags.rawValue))
  }
}

extension ScenarioGrant {
  fileprivate init(_ grant: CaseGrant) {
    switch grant {
    case .page(let page): self = .page(page % UInt8(Self.pages))
    case .unknown: self.init(rawValue: 254)
    case .revoked: self.init(rawValue: 255)
    }
  }
}
