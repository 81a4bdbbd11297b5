internal import FoundationEssentials

/// A fuzz run for machines.
struct FuzzReports {
  let target: FuzzedPart
  let result: FuzzResult
  let kept: [KeptFinding]

  /// The run as an object.
  struct Summary: Encodable {
    var target: String
    var executions: Int
    var seconds: Double
    var coverage: Int
    var corpus: Int
    var deliver: Int
    var rules: Int
    var findings: [KeptFinding]
  }

  var summary: Summary {
    Summary(
      target: target.rawValue, executions: result.executions, seconds: result.seconds,
      coverage: result.coverage, corpus: result.inputs, deliver: result.share, rules: result.rules,
      findings: kept)
  }

  /// A test suite of one test for each finding, or of one that passed.
  var junit: String {
    let cases =
      kept.isEmpty
      ? ["  <testcase classname=\"ringside-fuzz\" name=\"\(target.rawValue)\"/>"]
      : kept.map { finding in
        """
          <testcase classname="ringside-fuzz" name="\(Self.escaped(finding.signature))">
            <failure message="\(Self.escaped(finding.signature))">\(Self.escaped(finding.command))</failure>
          </testcase>
        """
      }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuite name="ringside-fuzz \(target.rawValue)" tests="\(cases.count)" failures="\(kept.count)" \
      time="\(result.seconds)">
      \(cases.joined(separator: "\n"))
      </testsuite>

      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }

  /// SARIF 2.1.0: a result for each finding.
  var sarif: String {
    let results = kept.map { finding in
      SARIF.Result(
        ruleId: finding.signature,
        message: SARIF.Text(text: "\(finding.signature): \(finding.command)"),
        locations: finding.files.map { SARIF.Location($0) })
    }
    let driver = SARIF.Driver(name: "ringside", version: ToolVersion.current)
    let run = SARIF.Run(tool: SARIF.Tool(driver: driver), results: results)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    // Plain structs of numbers and words always encode.
    return (try? encoder.encode(SARIF(runs: [run]))).map {
      String(decoding: $0, as: UTF8.self) + "\n"
    } ?? ""
  }
}

/// The parts of the Static Analysis Results Interchange Format that a run needs.
private struct SARIF: Encodable {
  struct Text: Encodable { var text: String }
  struct Driver: Encodable {
    var name: String
    var version: String
  }
  struct Tool: Encodable { var driver: Driver }
  struct Artifact: Encodable { var uri: String }
  struct Physical: Encodable { var artifactLocation: Artifact }
  struct Location: Encodable {
    var physicalLocation: Physical

    init(_ path: String) { physicalLocation = Physical(artifactLocation: Artifact(uri: path)) }
  }
  struct Result: Encodable {
    var ruleId: String
    var level = "error"
    var message: Text
    var locations: [Location]
  }
  struct Run: Encodable {
    var tool: Tool
    var results: [Result]
  }

  private enum CodingKeys: String, CodingKey {
    case schema = "$schema"
    case version, runs
  }

  var schema = "https://json.schemastore.org/sarif-2.1.0.json"
  var version = "2.1.0"
  var runs: [Run]
}
