import Oracle

/// A rule that scenarios of a target have to meet from both sides: they keep to it, and they break it.
public enum ReachRule: String, CaseIterable, Sendable {
  // What packets of the guest's keep to (`ModelRule`).
  case producer = "tx/producer"
  case missingExtra = "tx/missing-extra"
  case extraType = "tx/extra-type"
  case missingSlot = "tx/missing-slot"
  case slotLimitFatal = "tx/slot-limit-fatal"
  case slotLimit = "tx/slot-limit"
  case sizeSum = "tx/size-sum"
  case pageCrossing = "tx/page-crossing"
  case minimumSize = "tx/minimum-size"
  case gsoSize = "tx/gso-size"
  case gsoType = "tx/gso-type"
  // What the guest offers for frames.
  /// Requests enough for the frame that is next.
  case rxRequests = "rx/requests"
  /// A page that can be written.
  case rxPage = "rx/page"
  // What messages on the control ring keep to, by their types.
  case controlProducer = "control/producer"
  case getHashFlags = "control/get-hash-flags"
  case setHashFlags = "control/set-hash-flags"
  case setHashKey = "control/set-hash-key"
  case setHashMappingSize = "control/set-hash-mapping-size"
  case setHashMapping = "control/set-hash-mapping"
  case setHashAlgorithm = "control/set-hash-algorithm"
  // What a frontend keeps to on xenbus (`XenbusRule`).
  case state = "xenbus/state"
  case queueCount = "xenbus/queue-count"
  case headroom = "xenbus/headroom"
  case ringKey = "xenbus/ring-key"
  case ringPage = "xenbus/ring-page"
  case ringIndices = "xenbus/ring-indices"
  case portKey = "xenbus/port-key"
  case port = "xenbus/port"

  /// The target whose scenarios are about it.
  public var target: ScenarioTarget? {
    ScenarioTarget(rawValue: String(rawValue.prefix { $0 != "/" }))
  }
}

/// Some of them.
struct ReachRules: OptionSet, Hashable, Sendable {
  /// A bit for each, in their order.
  let rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }

  private static let all = ReachRule.allCases

  init(_ rule: ReachRule) { self.init(rawValue: 1 << UInt32(Self.all.firstIndex(of: rule) ?? 0)) }

  /// Those of the same names.
  init(_ rules: ModelRules) {
    // They stand first, in the model's order.
    self.init(rawValue: rules.rawValue)
  }

  /// The same.
  init(_ rules: Set<XenbusRule>) {
    self.init(rules.compactMap { ReachRule(rawValue: $0.rawValue) }.map { ReachRules($0) })
  }
}
