public import TraceFormat
import XenRing

extension Scenario {
  /// What the text form begins with, before the version of the form; one for each stage.
  public static var titles: [String] { ScenarioStage.titles }
  private static let version = 1

  /// The scenario as text: what it says of the vif, then a step on each line.
  public var text: String {
    String.printed { fields throws(TraceTextError) in
      _ = try ScenarioVif.code(vif, stage: &fields)
      _ = try fields.word(0, of: ["\(Self.version)"])
      _ = try ScenarioVif.code(vif, &fields)
      fields.endLine()
    } + steps.filter(vif.stage.has).map { "\($0)\n" }.joined()
  }

  /// Reads the text form. What stands behind `#` is left out, and so are empty lines.
  ///
  /// - Throws: where the text is not what was expected there.
  public init(text source: any ByteSource) throws(TraceTextError) {
    self.init()
    var input = TextInput(source)
    guard try input.nextRecord() else { throw input.missing(.oneOf(Self.titles)) }
    let stage = try ScenarioVif.code(vif, stage: &input.fields)
    _ = try input.fields.word(0, of: ["\(Self.version)"])
    vif = try ScenarioVif.code(ScenarioVif(stage), &input.fields)
    try input.takeEnd()
    while try input.nextRecord() {
      guard steps.count < Self.stepLimit else { throw input.missing(.shorter) }
      steps.append(try ScenarioStep.code(.pass(milliseconds: 0), of: stage, &input.fields))
      try input.takeEnd()
    }
  }
}

extension ScenarioStep: CustomStringConvertible {
  /// The step as it stands in the text form.
  public var description: String {
    String.printed { fields throws(TraceTextError) in
      _ = try Self.code(self, of: kind.stage, &fields)
    }
  }
}

extension String {
  /// What the text form makes of fields; printing does not fail.
  fileprivate static func printed(
    _ body: (inout TextFieldWriter) throws(TraceTextError) -> Void
  ) -> String {
    var fields = TextFieldWriter()
    do throws(TraceTextError) { try body(&fields) } catch {
      preconditionFailure("a scenario cannot be printed: \(error)")
    }
    var octets: [UInt8] = []
    octets.append(octets: fields.octets)
    return String(decoding: octets, as: UTF8.self)
  }
}
