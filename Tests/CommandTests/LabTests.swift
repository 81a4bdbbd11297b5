internal import Foundation
internal import Testing

@Suite struct LabTests {
  private let here = FileManager.default.currentDirectoryPath

  @Test(arguments: [
    (["check"], "kernel", ["check", "--on", "kernel"]),
    (
      ["check", "tx/minimum-size", "--json"], "kernel",
      ["check", "--on", "kernel", "tx/minimum-size", "--json"]
    ),
    (["check", "--on", "xen"], "grants", ["check", "--on", "xen"]),
    (["check", "--on=sim"], "grants", ["check", "--on=sim"]),
    (["list"], "vif", ["list"]),
    (["doctor", "--json"], "vif", ["doctor", "--json"]),
  ])
  func `a verb finds in the machine what it takes`(
    _ words: [String], _ scene: String, _ told: [String]
  ) throws {
    let lab = try FakeLab()
    let run = try CommandRun(["lab", "--lab", lab.path, "--"] + words)
    #expect(run.code == 0 && run.errors.isEmpty)
    #expect(lab.job == [scene, here, "0", "0", "ringside"] + told)
  }

  @Test func `the machine is told its kernel, its time and its memory, and may install nothing`()
    throws
  {
    let lab = try FakeLab()
    let run = try lab.run(
      "--deb", "a.deb", "--deb", "b.deb", "--time-limit", "2m", "--memory", "2048", "--replace",
      "xen-netback.ko", "--", "list")
    #expect(run.code == 0)
    let wanted = [
      "--no-install", "--time-limit", "120", "--deb", "a.deb", "--deb", "b.deb", "--replace",
      "xen-netback.ko", "--memory", "2048", "--bin", CommandRun.program.path,
    ]
    #expect(lab.words.map { Array($0.prefix(wanted.count)) } == wanted)
  }

  @Test func `a build's kernel goes with its modules, and there is an hour`() throws {
    let lab = try FakeLab()
    let run = try lab.run("--kernel", "bzImage", "--modules", "/tmp/modules", "--", "list")
    #expect(run.code == 0)
    let wanted = [
      "--no-install", "--time-limit", "3600", "--kernel", "bzImage", "--modules", "/tmp/modules",
    ]
    #expect(lab.words.map { Array($0.prefix(wanted.count)) } == wanted)
  }

  @Test func `what a verb reads goes in, under its own name`() throws {
    let lab = try FakeLab()
    let traces = [lab.files.path("a.ringtrace"), lab.files.path("b: c.ringtrace")]
    for trace in traces { try Data().write(to: URL(filePath: trace)) }
    let run = try CommandRun(["lab", "--lab", lab.path, "--", "replay"] + traces)
    #expect(run.code == 0)
    #expect(
      lab.job == ["grants", here, "2"] + traces + ["0", "ringside", "replay", "--on", "xen"]
        + traces)
    let inputs = traces.enumerated().flatMap { ["--in", "\($1):\($0)"] }
    #expect(lab.words?.joined(separator: "\n").contains(inputs.joined(separator: "\n")) == true)
  }

  @Test func `a folder of scenarios goes in, a rule is but a word`() throws {
    let lab = try FakeLab()
    #expect(try lab.run("--", "check", lab.path).code == 0)
    #expect(lab.job?.prefix(4) == ["kernel", here, "1", lab.path])
  }

  @Test func `what a verb writes comes out, in place of what was there`() throws {
    let lab = try FakeLab("mkdir \"$out/files\"; echo new >\"$out/files/0\"; echo 0 >\"$out/code\"")
    let trace = try lab.files.write("t.ringtrace", Data("old".utf8))
    let run = try lab.run(
      "--", "record", "--vif", "vif0.0", "-w", trace, "-a", "duration:10")
    #expect(run.code == 0)
    #expect(lab.job?.prefix(5) == ["traffic", here, "0", "1", trace])
    #expect(try lab.files.text("t.ringtrace") == "new\n")
  }

  @Test(arguments: [0, 1, 2, 3, 4, 64])
  func `the verb's output and its code are passed through`(_ code: Int32) throws {
    let lab = try FakeLab(
      "echo said >\"$out/stdout\"; echo live; echo \(code) >\"$out/code\"; exit 0")
    let run = try lab.run("--", "list")
    #expect(run.code == code)
    #expect(run.output == "said\n")
    #expect(run.errors == "live\n")
  }

  @Test(arguments: [(2, 2), (3, 3), (4, 4), (1, 4), (64, 4), (143, 4)] as [(Int32, Int32)])
  func `a lab that cannot run the verb has its own words and a code that is no verdict`(
    _ code: Int32, _ ours: Int32
  ) throws {
    let lab = try FakeLab("echo lab: skipped: needs cpio >&2; exit \(code)")
    let run = try lab.run("--", "list")
    #expect(run.code == ours)
    #expect(run.output.isEmpty)
    #expect(run.errors == "lab: skipped: needs cpio\n")
  }

  @Test(arguments: [(0, 1), (1, 1), (4, 4)] as [(Int32, Int32)])
  func `a kernel that complains is told, and is a finding where the verb has none`(
    _ code: Int32, _ ours: Int32
  ) throws {
    let lab = try FakeLab("echo BUG: KASAN >\"$out/complaint\"; echo \(code) >\"$out/code\"")
    let run = try lab.run("--", "list")
    #expect(run.code == ours)
    #expect(run.errors == "ringside: the kernel complained: BUG: KASAN; --logs keeps its log\n")
  }

  @Test func `logs are kept on request, of a machine that died too`() throws {
    let lab = try FakeLab("echo last words >\"$out/console.log\"; exit 4")
    let run = try lab.run("--logs", lab.files.path("logs"), "--", "list")
    #expect(run.code == 4)
    #expect(try lab.files.text("logs/console.log") == "last words\n")
  }

  @Test func `an end that is asked for ends the machine`() throws {
    let lab = try FakeLab("trap 'echo >ended; exit 143' TERM; echo >begun; sleep 60 & wait")
    let process = Process()
    process.executableURL = CommandRun.program
    process.arguments = ["lab", "--lab", lab.path, "--", "list"]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    try awaitEvent { FileManager.default.fileExists(atPath: lab.files.path("begun")) }
    process.interrupt()
    try awaitEvent { !process.isRunning }
    #expect(process.terminationStatus == 4)
    #expect(FileManager.default.fileExists(atPath: lab.files.path("ended")))
    #expect(
      String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
        == "ringside: the machine was ended, and what it had done is lost\n")
  }

  @Test(arguments: [
    ([], "Say what to run, behind --"),
    (["--", "fuzz", "--runs", "1"], "The lab runs check, replay, record, list or doctor"),
    (["--", "nonsense"], "nonsense"),
    (["--", "check", "--on", "moon"], "moon"),
    (["--", "replay", "-"], "standard input does not reach the lab's machine"),
    (["--", "record", "--vif", "vif0.0", "-w", "t"], "a recording needs an end: -a duration:10"),
    (["--", "record", "--vif", "vif0.0", "-w", "-", "-c", "9"], "-w names a file"),
    (["--", "record", "--vif", "vif0.0", "-w", "t", "-c", "9", "-b", "packets:3"], "-b does not"),
    (["--deb", "a", "--kernel", "b", "--modules", "c", "--", "list"], "Either --deb or --kernel"),
    (["--kernel", "b", "--", "list"], "--kernel and --modules go together"),
    (["--modules", "c", "--", "list"], "--kernel and --modules go together"),
    (["--memory", "512", "--", "list"], "--memory takes 1280 or more"),
    (["--time-limit", "soon", "--", "list"], "soon"),
  ])
  func `what cannot be meant boots nothing`(_ words: [String], _ why: String) throws {
    let lab = try FakeLab()
    let run = try CommandRun(["lab", "--lab", lab.path] + words)
    #expect(run.code == 64)
    #expect(run.output.isEmpty && run.errors.contains(why))
    #expect(lab.words == nil)
  }

  @Test(arguments: [
    (["replay", "/no/trace"], "/no/trace: No such file or directory"),
    (["replay", "/dev/null"], "/dev/null: only files and folders reach the lab's machine"),
    (["record", "--vif", "vif0.0", "-c", "9", "-w", "/no/t"], "/no/t: No such file or directory"),
  ])
  func `files that are not there boot nothing`(_ words: [String], _ why: String) throws {
    let lab = try FakeLab()
    let run = try CommandRun(["lab", "--lab", lab.path, "--"] + words)
    #expect(run.code == 4)
    #expect(run.output.isEmpty && run.errors == "ringside: \(why)\n")
    #expect(lab.words == nil)
  }

  @Test func `a folder is not written over`() throws {
    let lab = try FakeLab()
    let run = try lab.run("--", "record", "--vif", "vif0.0", "-c", "9", "-w", lab.path)
    #expect(run.code == 4)
    #expect(run.errors == "ringside: \(lab.path): is there, and is no file\n")
    #expect(lab.words == nil)
  }

  @Test func `without the lab's scripts it says where they are`() throws {
    let run = try CommandRun("lab", "--lab", "/no/lab", "--", "list")
    #expect(run.code == 3)
    #expect(
      run.errors
        == "ringside: /no/lab: no lab there; it is the folder Lab of Ringside's sources\n")
  }
}
