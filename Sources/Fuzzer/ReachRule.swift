public import Netif
public import Oracle

/// A rule that scenarios of a target have to meet from both sides: they keep to it, and they break it.
public enum ReachRule: Hashable, Sendable {
  /// What packets of the guest's keep to.
  case packet(ModelRule)
  /// The guest offers requests enough for the frame that is next.
  case enoughRequests
  /// It offers a page that can be written.
  case writablePage
  /// No more messages are claimed than the control ring has slots.
  case controlProducer
  /// What makes a message on the control ring one that can be done.
  case message(ControlMessage)
  /// What a frontend keeps to on xenbus.
  case life(XenbusRule)

  /// Messages that are done or refused as the guest has it.
  private static let messages: [ControlMessage] = [
    .getHashFlags, .setHashFlags, .setHashKey, .setHashMappingSize, .setHashMapping,
    .setHashAlgorithm,
  ]

  /// The name that reports use.
  public var name: String {
    switch self {
    case .packet(let rule): rule.rawValue
    case .enoughRequests: "rx/enough-requests"
    case .writablePage: "rx/writable-page"
    case .controlProducer: "control/producer"
    case .message(let message): "control/\(message)"
    case .life(let rule): rule.rawValue
    }
  }

  /// The target whose scenarios are about it.
  public var target: ScenarioTarget {
    switch self {
    case .packet: .tx
    case .enoughRequests, .writablePage: .rx
    case .controlProducer, .message: .control
    case .life: .xenbus
    }
  }
}

extension ReachRule: CaseIterable {
  /// Those of packets first, in the model's order.
  public static let allCases =
    ModelRule.allCases.map(Self.packet) + [.enoughRequests, .writablePage, .controlProducer]
    + messages.map(Self.message) + XenbusRule.allCases.map(Self.life)

  /// Those of a target.
  public static func of(_ target: ScenarioTarget) -> [ReachRule] {
    allCases.filter { $0.target == target }
  }
}

/// Some of them.
struct ReachRules: OptionSet, Hashable, Sendable {
  /// A bit for each, in their order.
  let rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }

  /// One of them; none for a rule that is not among them.
  init(_ rule: ReachRule) {
    self.init(rawValue: ReachRule.allCases.firstIndex(of: rule).map { 1 << UInt32($0) } ?? 0)
  }

  /// Rules of packets, whose bits are the same.
  init(_ rules: ModelRules) { self.init(rawValue: rules.rawValue) }

  /// Rules of a life.
  init(_ rules: Set<XenbusRule>) { self.init(rules.map { ReachRules(.life($0)) }) }
}
