import TraceFormat

extension Scenario {
  /// The scenario as octets, which a fuzz engine can store and change.
  public var octets: [UInt8] {
    var fields = OctetFieldWriter()
    do {
      _ = try ScenarioVif.code(vif, stage: &fields)
      _ = try ScenarioVif.code(vif, &fields)
      for step in steps where vif.stage.has(step) {
        _ = try ScenarioStep.code(step, of: vif.stage, &fields)
      }
    } catch {
      preconditionFailure("a scenario cannot be written: \(error)")
    }
    return fields.octets
  }

  /// Takes any octets for a scenario. What `octets` wrote is read as it was.
  public init(octets: [UInt8]) {
    self.init()
    var reader = ScenarioReader(octets)
    vif = reader.vif
    while let step = reader.next() { steps.append(step) }
  }
}

/// Reads a scenario step by step, and takes no memory.
struct ScenarioReader: ~Copyable {
  let vif: ScenarioVif
  private var fields: OctetFieldReader
  private var left = Scenario.stepLimit

  init(_ octets: [UInt8]) {
    fields = OctetFieldReader(octets)
    let stage = (try? ScenarioVif.code(ScenarioVif(), stage: &fields)) ?? .rings
    vif = (try? ScenarioVif.code(ScenarioVif(stage), &fields)) ?? ScenarioVif()
  }

  mutating func next() -> ScenarioStep? {
    guard left > 0, !fields.isAtEnd else { return nil }
    left -= 1
    return try? ScenarioStep.code(.pass(milliseconds: 0), of: vif.stage, &fields)
  }
}
