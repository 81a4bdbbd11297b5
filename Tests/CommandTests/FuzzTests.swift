internal import Foundation
internal import Testing

/// An engine that says what ringside-fuzz says, and leaves a crash file if it is to.
private struct StubEngine {
  let files: ScratchFolder
  var path: String { files.path("engine") }

  /// - Parameters:
  ///   - crash: the octets of the crash file in the words of printf.
  ///   - signature: what is said of them; `$seed` stands for the engine's seed.
  ///   - code: how an engine without a crash file ends.
  ///   - traps: an octet, in the words of printf, that ends the engine.
  init(
    crash: String?, signature: String = "tx answers missing", code: Int = 0, traps: String? = nil
  ) throws {
    files = try ScratchFolder()
    let find = crash.map { "printf '\($0)' > \"${prefix}crash-1\"" } ?? ":"
    let script = """
      #!/bin/sh
      for word in "$@"; do
        case $word in
          -artifact_prefix=*) prefix=${word#-artifact_prefix=} ;;
          -seed=*) seed=${word#-seed=} ;;
          /*) test -f "$word" && single=$word ;;
        esac
      done
      if test -n "$single"; then
        LC_ALL=C grep -q "$(printf '\(traps ?? "")')" "$single" || exit 0
      fi
      echo "#4096  NEW  cov: 812 ft: 2301 corp: 97/4Kb exec/s: 4096" >&2
      echo "ringside-fuzz: executions 4096, deliver 50 %, rules 10 of 11" >&2
      \(Self.words(crash: crash, signature, traps: traps))
      test -z "$single" || exit 77
      \(find)
      exit \(crash == nil ? code : 77)

      """
    _ = try files.write("engine", Data(script.utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  /// What is said of a finding.
  private static func words(crash: String?, _ signature: String, traps: String?) -> String {
    if traps != nil { return "echo 'Netback/TxQueue.swift:9: Fatal error: Index out of range' >&2" }
    guard crash != nil else { return "" }
    return """
      echo "ringside-fuzz: finding at step 0: \(signature)" >&2
      echo "ringside-fuzz: signature: \(signature)" >&2
      """
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
    let engine = try StubEngine(crash: Self.head + "\\017")
    let findings = engine.files.path("found")
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--jobs", "3", "--engine", engine.path, "--findings", findings)
    #expect(run.code == 1)
    let names = try FileManager.default.contentsOfDirectory(atPath: findings).sorted()
    #expect(names == ["octets", "ringtrace", "scenario"].map { "tx-tx-answers-missing.\($0)" })
    let scenario = findings + "/tx-tx-answers-missing.scenario"
    #expect(run.output.contains("tx answers missing: ringside explain \(scenario)\n"))
    // It does not fail here, so nothing was left out of it.
    let told = try CommandRun("explain", scenario)
    #expect(told.code == 0 && told.output == "0: reconnect\n")
    #expect(
      run.output.contains(
        "    its trace: ringside replay \(findings)/tx-tx-answers-missing.ringtrace\n"))
    #expect(try CommandRun("replay", findings).code == 0)
  }

  @Test func `a finding is played in the way in which it was found`() throws {
    let engine = try StubEngine(crash: "\\020")
    let findings = engine.files.path("found")
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--path", "map", "--hold", "--engine", engine.path, "--findings",
      findings)
    #expect(run.code == 1)
    let scenario = findings + "/tx-tx-answers-missing.scenario"
    #expect(run.output.contains(": ringside explain --path=map --hold \(scenario)\n"))
    #expect(try CommandRun("explain", "--path=map", "--hold", scenario).code == 0)
  }

  @Test func `findings that differ are all kept`() throws {
    let engine = try StubEngine(crash: "\\020", signature: "number $seed")
    let findings = engine.files.path("found")
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--jobs", "2", "--engine", engine.path, "--findings", findings)
    #expect(run.code == 1)
    for number in 1...2 {
      #expect(
        run.output.contains(
          "number \(number): ringside explain \(findings)/tx-number-\(number).scenario\n"))
    }
  }

  /// What is said of a vif, in the words of printf.
  static let head = "\\000\\000\\000\\000\\000\\000\\001\\001\\001\\000\\000"

  /// Three pauses, a reconnection, and another pause.
  static let trap =
    head + String(repeating: "\\011\\001\\000", count: 3) + "\\017\\011\\001\\000"

  @Test func `a finding that ends its engine is made small in engines, and is not played here`()
    throws
  {
    let engine = try StubEngine(crash: Self.trap, traps: "\\017")
    let findings = engine.files.path("found")
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--engine", engine.path, "--findings", findings)
    #expect(run.code == 1)
    let name = "tx-trap-index-out-of-range"
    #expect(
      run.output.contains(
        "trap: Index out of range: ringside-fuzz --target=tx \(findings)/\(name).octets\n"))
    let names = try FileManager.default.contentsOfDirectory(atPath: findings).sorted()
    #expect(names == [name + ".octets", name + ".scenario"])
    let steps = try engine.files.text("found/\(name).scenario").split(separator: "\n").dropFirst()
    #expect(steps == ["reconnect"])
  }

  @Test func `what ends its engine is made small by minimize, too`() throws {
    let engine = try StubEngine(crash: Self.trap, traps: "\\017")
    let text = """
      ringside-scenario 1 profile=linux start=0x0 gso4=yes gso6=yes notifies=yes headroom=0
      pass ms=1
      reconnect

      """
    let words = ["minimize", "-", "--engine", engine.path]
    let run = try CommandRun(words, input: Data(text.utf8))
    #expect(run.code == 0)
    #expect(run.output.hasSuffix("headroom=0\nreconnect\n"))
    #expect(run.errors.hasSuffix("failed 1 of 1: trap: Index out of range\n"))
    let trace = try CommandRun(
      words + ["-w", engine.files.path("a.ringtrace")], input: Data(text.utf8))
    #expect(trace.code == 4)
    #expect(trace.errors.contains("what ends its process leaves no trace; write a scenario"))
  }

  @Test func `reports say the same to machines`() throws {
    let engine = try StubEngine(crash: "\\020", signature: "tx answer -1, not <0>")
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

  @Test(arguments: ["--findings", "--corpus"], ["/proc/none", "/dev/null"])
  func `a folder that cannot be written to is told before anything is run`(
    _ option: String, _ path: String
  ) throws {
    let engine = try StubEngine(crash: nil)
    let found = option == "--findings" ? [] : ["--findings", engine.files.path("found")]
    let run = try CommandRun(
      ["fuzz", "--runs", "9", "--engine", engine.path, option, path] + found)
    #expect(run.code == 4)
    #expect(run.errors.hasPrefix("ringside: \(path): "))
    #expect(run.errors.count { $0 == "\n" } == 1)
  }

  @Test func `a finding that cannot be kept is shown`() throws {
    let engine = try StubEngine(crash: "\\020")
    let findings = engine.files.path("found")
    // A folder lies where the file is to be.
    try FileManager.default.createDirectory(
      atPath: findings + "/tx-tx-answers-missing.octets", withIntermediateDirectories: true)
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--engine", engine.path, "--findings", findings)
    #expect(run.code == 4)
    let lines = run.errors.split(separator: "\n")
    #expect(lines.first?.hasSuffix("the finding itself, as a scenario:") == true)
    #expect(lines.dropFirst().first?.hasPrefix("ringside-scenario 1 profile=") == true)
  }

  @Test func `a finding that finds the disk full is shown, and others are kept`() throws {
    let engine = try StubEngine(crash: "\\020", signature: "number $seed")
    let findings = engine.files.path("found")
    try FileManager.default.createDirectory(atPath: findings, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: findings + "/tx-number-1.octets", withDestinationPath: "/dev/full")
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--jobs", "2", "--engine", engine.path, "--findings", findings)
    #expect(run.code == 4)
    #expect(
      run.errors.hasPrefix(
        "ringside: \(findings)/tx-number-1.octets: No space left on device; the finding itself"))
    #expect(run.errors.contains("\nringside-scenario 1 profile="))
    #expect(run.output.contains("number 2: ringside explain "))
    let names = try FileManager.default.contentsOfDirectory(atPath: findings)
    #expect(names.contains("tx-number-2.scenario"))
  }

  @Test func `of what is no scenario the octets are shown`() throws {
    let engine = try StubEngine(crash: "\\017")
    let findings = engine.files.path("found")
    try FileManager.default.createDirectory(
      atPath: findings + "/trace-tx-answers-missing.octets", withIntermediateDirectories: true)
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--target", "trace", "--engine", engine.path, "--findings", findings)
    #expect(run.code == 4)
    let lines = run.errors.split(separator: "\n")
    #expect(lines.first?.hasSuffix("the finding itself, in base64:") == true)
    #expect(lines.dropFirst().first == "Dw==")
  }

  @Test func `a finding that the engine could not save is told`() throws {
    let engine = try StubEngine(crash: nil, code: 77)
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--engine", engine.path, "--findings", engine.files.path("found"))
    #expect(run.code == 4)
    #expect(
      run.errors
        == "ringside: an engine found something (crash) and could not save it; is the disk of TMPDIR full?\n"
    )
  }

  @Test(arguments: WrongInput.all)
  func `seeds that are no traces are told before anything is run`(_ input: WrongInput) throws {
    let engine = try StubEngine(crash: "\\017")
    let path = try input.make(engine.files)
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--engine", engine.path, "--seeds", path, "--findings",
      engine.files.path("found"))
    #expect(run.code == input.code)
    #expect(run.output.isEmpty)
    #expect(run.errors.hasPrefix("ringside: \(path): ") && run.errors.contains(input.words))
    #expect(run.errors.count { $0 == "\n" } == 1)
  }

  @Test func `an engine starts from what a trace and a scenario say`() throws {
    let engine = try StubEngine(crash: nil)
    let script = try engine.files.text("engine").replacing(
      "exit 0\n",
      with: "for word in \"$@\"; do test -d \"$word\" && ls \"$word\" >&2; done; exit 64\n")
    _ = try engine.files.write("engine", Data(script.utf8))
    let scenario = try engine.files.write("a.scenario", Data(ExplainTests.packet.utf8))
    let run = try CommandRun(
      "fuzz", "--runs", "9", "--engine", engine.path, "--seeds", engine.files.url.path, "--seeds",
      scenario, "--findings", engine.files.path("found"))
    // The engine says what is in the folder of seeds: the scenario of the folder, and the scenario.
    #expect(run.errors == "ringside: 1\n")
  }

  @Test(arguments: [
    ["fuzz"], ["fuzz", "--for", "soon"], ["fuzz", "--for", "0s"], ["fuzz", "--runs", "0"],
    ["fuzz", "--runs", "1", "--target", "disk"], ["fuzz", "--runs", "1", "--jobs", "0"],
    ["fuzz", "--runs", "1", "--reach", "101"], ["fuzz", "--for", "10"], ["fuzz", "--for", "-1s"],
    ["fuzz", "--for", "9999999999999999999s"], ["fuzz", "--runs", "many"],
    ["fuzz", "--runs", "1", "--seed", "-1"],
    ["fuzz", "--runs", "1", "--target", "text", "--seeds", "a.ringtrace"],
    ["fuzz", "--runs", "1", "--target", "text", "--hold"],
    ["fuzz", "--runs", "1", "--target", "xenbus", "--path", "map"],
    ["fuzz", "--runs", "1", "--path", "staged"],
  ])
  func `wrong words end with 64`(_ words: [String]) throws {
    let run = try CommandRun(words)
    #expect(run.code == 64)
    #expect(run.output.isEmpty && !run.errors.isEmpty)
  }
}
