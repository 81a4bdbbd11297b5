internal import Foundation
internal import Testing

/// An engine that says what ringside-fuzz says, and leaves a crash file if it is to.
private struct StubEngine {
  let files: ScratchFolder
  var path: String { files.path("engine") }

  /// - Parameter crash: the octets of the crash file in the words of printf.
  init(crash: String?, signature: String = "tx answers missing", code: Int = 0) throws {
    files = try ScratchFolder()
    let find = crash.map { "printf '\($0)' > \"${prefix}crash-1\"" } ?? ":"
    let script = """
      #!/bin/sh
      for word in "$@"; do
        case $word in -artifact_prefix=*) prefix=${word#-artifact_prefix=} ;; esac
      done
      echo "#4096  NEW  cov: 812 ft: 2301 corp: 97/4Kb exec/s: 4096" >&2
      echo "ringside-fuzz: executions 4096, deliver 50 %, rules 10 of 11" >&2
      \(crash == nil ? "" : "echo 'ringside-fuzz: signature: \(signature)' >&2")
      \(find)
      exit \(crash == nil ? code : 77)

      """
    _ = try files.write("engine", Data(script.utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }
}

@Suite struct FuzzTests {
  @Test func `a run that finds nothing says how far it came`() throws {
    let engine = try StubEngine(crash: nil)
    let findings = engine.files.path("found")
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--engine", engine.path, "--findings", findings)
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("tx: 4096 executions in 0 s"))
    #expect(
      run.output.hasSuffix(
        "coverage 812, 50 % deliver, rules 10 of 11 from both sides, 0 findings\n"))
  }

  @Test func `a finding of several engines is kept once, with what plays it again`() throws {
    let engine = try StubEngine(crash: "\\000\\000\\000\\000\\000\\001\\001\\001\\000\\000\\017")
    let findings = engine.files.path("found")
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--jobs", "3", "--engine", engine.path, "--findings", findings)
    #expect(run.code == 1)
    let names = try FileManager.default.contentsOfDirectory(atPath: findings).sorted()
    #expect(names == ["tx-tx-answers-missing.octets", "tx-tx-answers-missing.scenario"])
    let scenario = findings + "/tx-tx-answers-missing.scenario"
    #expect(run.output.contains("tx answers missing: ringside explain \(scenario)\n"))
    // It does not fail here, so nothing was left out of it.
    let told = try CommandRun("explain", scenario)
    #expect(told.code == 0 && told.output == "0: reconnect\n")
  }

  @Test func `reports say the same to machines`() throws {
    let engine = try StubEngine(crash: "\\017", signature: "tx answer -1, not <0>")
    let (junit, sarif) = (engine.files.path("junit.xml"), engine.files.path("run.sarif"))
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--engine", engine.path, "--findings", engine.files.path("found"),
      "--junit", junit, "--sarif", sarif, "--json")
    #expect(run.code == 1)
    let xml = try engine.files.text("junit.xml")
    #expect(xml.contains("failures=\"1\"") && xml.contains("tx answer -1, not &lt;0>"))
    let report = try JSONSerialization.jsonObject(with: Data(engine.files.text("run.sarif").utf8))
    let runs = (report as? [String: Any])?["runs"] as? [[String: Any]]
    let results = runs?.first?["results"] as? [[String: Any]]
    #expect(results?.count == 1)
    let line = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    #expect(line?["executions"] as? Int == 4096)
    #expect((line?["findings"] as? [[String: Any]])?.count == 1)
  }

  @Test func `an engine that ends by itself is a failure, with its own words`() throws {
    let engine = try StubEngine(crash: nil, code: 64)
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--engine", engine.path, "--findings", engine.files.path("found"))
    #expect(run.code == 1)
    #expect(run.errors.contains("the engine ended with code 64"))
  }

  @Test func `without an engine it says how to get one`() throws {
    let files = try ScratchFolder()
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--engine", "/no/engine", "--findings", files.path("found"))
    #expect(run.code == 3)
    #expect(run.errors.contains("/no/engine: no fuzz engine there; make fuzzer builds one"))
  }

  @Test(arguments: ["--findings", "--corpus"])
  func `a folder that cannot be written to is told before anything is run`(
    _ option: String
  ) throws {
    let engine = try StubEngine(crash: nil)
    let found = option == "--findings" ? [] : ["--findings", engine.files.path("found")]
    let run = try CommandRun(
      ["fuzz", "--runs", "9", "--engine", engine.path, option, "/proc/none"] + found)
    #expect(run.code == 4)
    #expect(run.errors.hasPrefix("ringside: /proc/none: "))
  }

  @Test func `a finding that cannot be kept is shown`() throws {
    let engine = try StubEngine(crash: "\\017")
    let findings = engine.files.path("found")
    // A folder lies where the file is to be.
    try FileManager.default.createDirectory(
      atPath: findings + "/tx-tx-answers-missing.octets", withIntermediateDirectories: true)
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--engine", engine.path, "--findings", findings)
    #expect(run.code == 4)
    let lines = run.errors.split(separator: "\n")
    #expect(lines.first?.hasSuffix("the finding itself, in base64:") == true)
    #expect(lines.dropFirst().first.flatMap { Data(base64Encoded: String($0)) } != nil)
  }

  @Test(arguments: [
    ["fuzz"], ["fuzz", "--for", "soon"], ["fuzz", "--for", "0s"], ["fuzz", "--runs", "0"],
    ["fuzz", "--runs", "1", "--target", "disk"], ["fuzz", "--runs", "1", "--jobs", "0"],
    ["fuzz", "--runs", "1", "--reach", "101"],
  ])
  func `wrong words end with 64`(_ words: [String]) throws {
    let run = try CommandRun(words)
    #expect(run.code == 64)
    #expect(run.output.isEmpty && !run.errors.isEmpty)
  }
}
