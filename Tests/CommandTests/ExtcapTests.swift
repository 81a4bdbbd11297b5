internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct `Wireshark's questions` {
  @Test func `name what can be captured from, the simulation everywhere`() throws {
    let run = try CommandRun("extcap", "--extcap-interfaces", "--extcap-version=4.0")
    #expect(run.code == 0)
    #expect(run.errors.isEmpty)
    #expect(
      run.output.hasPrefix(
        """
        extcap {version=0.1.0}{display=Ringside}
        interface {value=ringside-simulation}{display=Ringside: a guest on the simulation}

        """))
  }

  @Test(arguments: ["ringside-simulation", "ringside-vif5.0"])
  func `are answered for each interface`(_ name: String) throws {
    let link = try CommandRun("extcap", "--extcap-interface", name, "--extcap-dlts")
    #expect(link.code == 0)
    #expect(link.output == "dlt {number=1}{name=EN10MB}{display=Ethernet}\n")
    let options = try CommandRun("extcap", "--extcap-interface=\(name)", "--extcap-config")
    #expect(options.code == 0)
    let lines = options.output.split(separator: "\n")
    #expect(lines.count == (name == "ringside-simulation" ? 3 : 1))
    for (number, line) in lines.enumerated() {
      #expect(line.hasPrefix("arg {number=\(number)}{call=--"))
    }
  }

  @Test(arguments: [
    [], ["--extcap-dlts"], ["--capture", "--extcap-interface", "ringside-simulation"],
    ["--extcap-interface", "eth0", "--extcap-dlts"], ["--extcap-interfaces", "--capture"],
    [
      "--capture", "--extcap-interface", "ringside-simulation", "--fifo", "/dev/null",
      "--extcap-capture-filter", "tcp",
    ],
    [
      "--capture", "--extcap-interface", "ringside-simulation", "--fifo", "/dev/null", "--bursts",
      "0",
    ],
  ])
  func `that make no sense end with 64`(_ words: [String]) throws {
    let run = try CommandRun(["extcap"] + words)
    #expect(run.code == 64)
    #expect(run.output.isEmpty)
  }

  @Test(
    .enabled(if: !FileManager.default.fileExists(atPath: "/sys/bus/xen-backend"), "a Xen host"))
  func `for a vif of no Xen host are told so`() throws {
    let run = try CommandRun(
      "extcap", "--capture", "--extcap-interface", "ringside-vif5.0", "--fifo", "/dev/null")
    #expect(run.code == 3)
    #expect(run.errors.contains("run this on a Xen host"))
  }
}

@Suite struct `A live capture` {
  @Test func `goes on until it is ended, and is whole then`() throws {
    let folder = try ScratchFolder()
    let path = folder.path("live.pcapng")
    let process = Process()
    process.executableURL = CommandRun.program
    process.arguments = [
      "extcap", "--capture", "--extcap-interface", "ringside-simulation", "--fifo", path,
      "--bursts", "50", "--snaplen", "64",
    ]
    let errors = Pipe()
    process.standardError = errors
    let before = UInt64(Date().timeIntervalSince1970 * 1e9)
    try process.run()
    // What was seen is there while it goes on.
    let isThere = waits { (try? PcapngFile(octets(path)).packets.count) ?? 0 > 100 }
    #expect(isThere)
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(errors.fileHandleForReading.readDataToEndOfFile().isEmpty)
    let file = try PcapngFile(octets(path))
    #expect(file.packets.map(\.identity) == (0..<UInt64(file.packets.count)).map { $0 })
    let frames = file.packets.filter { file.interfaces[$0.interface].link == 1 }
    #expect(frames.count > 20)
    #expect(frames.allSatisfy { $0.octets.count <= 64 && $0.time >= before })
    let delivered = frames.filter { $0.flags & 3 == 1 }
    #expect(delivered.allSatisfy { $0.comment?.hasPrefix("delivered; ") == true })
  }

  private func octets(_ path: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: path)))
  }

  /// Whether something is so within half a minute.
  private func waits(for isSo: () -> Bool) -> Bool {
    let end = Date(timeIntervalSinceNow: 30)
    while !isSo() {
      guard Date() < end else { return false }
      Thread.sleep(forTimeInterval: 0.1)
    }
    return true
  }
}

@Suite(.enabled(if: Tshark.path != nil, "tshark is not installed"))
struct `Wireshark itself, live` {
  /// A folder of extcap programs with ours in it, for any user.
  private func environment(_ folder: ScratchFolder) throws -> [String: String] {
    let script = `A trace for Wireshark`.root.appending(path: "Wireshark/ringside-extcap")
    let (program, files) = (URL(filePath: folder.path("program")), FileManager.default)
    try files.createDirectory(at: program, withIntermediateDirectories: false)
    try files.copyItem(at: script, to: folder.url.appending(path: "ringside-extcap"))
    try files.copyItem(at: CommandRun.program, to: program.appending(path: "ringside"))
    for path in [folder.url, program] {
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path.path)
    }
    return [
      "WIRESHARK_EXTCAP_DIR": folder.url.path, "HOME": folder.url.path,
      "RINGSIDE": program.appending(path: "ringside").path,
    ]
  }

  @Test func `lists the simulation`() throws {
    let folder = try ScratchFolder()
    let (code, output) = try Tshark.run("-D", environment: environment(folder))
    #expect(code == 0, "\(output)")
    #expect(output.contains("ringside-simulation (Ringside: a guest on the simulation)"))
  }

  @Test func `captures from it, with what became of each frame`() throws {
    let folder = try ScratchFolder()
    let (code, output) = try Tshark.run(
      "-i", "ringside-simulation", "-c", "300", "-T", "fields", "-e", "frame.interface_name",
      "-e", "frame.comment", environment: environment(folder))
    #expect(code == 0, "\(output)")
    #expect(output.contains("vif1.0\tdelivered; "), "\(output.prefix(2000))")
    #expect(output.contains("vif1.0-rings"))
  }
}
