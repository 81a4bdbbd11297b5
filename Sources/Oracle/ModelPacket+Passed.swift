import Netif

/// Rules of the TX ring, any of them.
public struct ModelRules: OptionSet, Hashable, Sendable {
  /// A bit for each rule, in their order.
  public let rawValue: UInt32
  /// Takes bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  private static let all = ModelRule.allCases

  /// One rule.
  public init(_ rule: ModelRule) {
    self.init(rawValue: 1 << UInt32(Self.all.firstIndex(of: rule) ?? 0))
  }

  /// The rules by themselves.
  public var rules: [ModelRule] { Self.all.filter { contains(ModelRules($0)) } }
}

extension ModelPacket {
  /// The rules that had something to look at in this packet, which is accepted: those it stands on the good
  /// side of, not by far.
  var passed: ModelRules {
    var passed = ModelRules()
    func note(_ rule: ModelRule, _ isNear: Bool) { if isNear { passed.insert(ModelRules(rule)) } }
    note(.missingExtra, extras > 0)
    note(.extraType, extras > 0)
    note(.missingSlot, parts.count > 1)
    note(.sizeSum, parts.count > 1)
    note(.slotLimit, parts.count >= 17)
    note(.minimumSize, parts[0].octets <= 16)
    note(.pageCrossing, parts.contains { Int($0.request.offset) + $0.octets >= 4095 })
    note(.gsoSize, segmentation != nil)
    note(.gsoType, segmentation != nil)
    return passed
  }
}
