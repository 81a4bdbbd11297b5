import Netif
import TraceFormat

extension ScenarioVif {
  /// Writes or reads what a scenario is about, which stands before all else.
  static func code(
    _ vif: ScenarioVif, stage fields: inout some RecordFields & ~Copyable
  ) throws(TraceTextError) -> ScenarioStage {
    let number = try fields.word(vif.stage.rawValue, of: ScenarioStage.titles)
    return ScenarioStage(rawValue: number) ?? vif.stage
  }

  /// Writes or reads what a scenario says of its vif; what it is about is kept.
  static func code(
    _ vif: ScenarioVif, _ fields: inout some RecordFields & ~Copyable
  ) throws(TraceTextError) -> ScenarioVif {
    var coded = ScenarioVif(vif.stage)
    let profile = try fields.field("profile", vif.profile == .linux ? 0 : 1, of: profiles)
    coded.profile = profile == 0 ? .linux : .netif
    coded.start = try fields.bits("start", vif.start)
    coded.features = []
    for (name, feature) in Self.receivable {
      let has = try fields.answer(name, vif.features.contains(feature))
      if has { coded.features.insert(feature) }
    }
    coded.headroom = UInt16(
      truncatingIfNeeded: try fields.field(
        "headroom", UInt64(vif.headroom), upTo: UInt64(headroomLimit)))
    return coded
  }

  private static let profiles = ["linux", "netif"]
  private static let receivable: [(String, NetifFeatures)] = [
    ("gso4", .gsoTCPv4), ("gso6", .gsoTCPv6), ("notifies", .rxNotify),
  ]
}
