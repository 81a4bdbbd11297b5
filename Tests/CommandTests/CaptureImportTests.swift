internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct `A capture` {
  let folder: ScratchFolder
  let trace: String

  init() throws {
    folder = try ScratchFolder()
    trace = folder.path("guest.ringtrace")
  }

  /// Makes a trace of a capture.
  private func show(_ data: Data, _ options: String...) throws -> CommandRun {
    try CommandRun(["show", folder.write("a.pcap", data), "-w", trace] + options)
  }

  private func show(_ capture: SampleCapture, _ options: String...) throws -> CommandRun {
    try CommandRun(["show", folder.write("a.pcap", capture.data), "-w", trace] + options)
  }

  private static var mixed: SampleCapture {
    var capture = SampleCapture()
    capture.add(60)
    capture.add(1514, isOwn: false, at: 2_000_000)
    capture.add(9000, at: 2_000_001)
    capture.add(65_535, isOwn: false, at: 5_000_000_000)
    capture.add(65_535, at: 6_000_000_000)
    return capture
  }

  @Test func `becomes a legal trace of the chosen guest`() throws {
    let run = try show(Self.mixed, "--guest", "00:16:3e:00:00:07", "--vif", "vif5.2")
    #expect(run.code == 0)
    #expect(
      run.errors
        == "\(folder.path("a.pcap")): a capture; the guest sends 3 of 5 frames, the others are for it\n"
    )
    #expect(run.output.contains("vif5.2: "))
    #expect(run.output.contains("(0 errors)") && run.output.contains("3 delivered, 2 taken"))
    let replay = try CommandRun("replay", trace)
    #expect(replay.code == 0, "\(replay.output)")
    let text = try CommandRun("show", "--text", trace).output
    #expect(text.contains("mac=00:16:3e:00:00:07") || text.contains("\"00:16:3e:00:00:07\""))
    // Three pages for the long one.
    #expect(text.contains(" size=9000\n") && text.contains(" size=808\n"))
  }

  @Test func `comes back from its trace as it was, with its times and directions`() throws {
    _ = try show(Self.mixed, "--guest", "00:16:3e:00:00:07")
    let path = folder.path("back.pcapng")
    #expect(try CommandRun("show", trace, "-w", path).code == 0)
    let file = try PcapngFile([UInt8](Data(contentsOf: URL(filePath: path))))
    let frames = file.packets.filter { file.interfaces[$0.interface].link == 1 }
    #expect(frames.map(\.octets) == Self.mixed.frames.map(\.octets))
    #expect(frames.map { $0.flags & 3 } == [1, 2, 1, 2, 1])
    for (frame, wanted) in zip(frames, Self.mixed.frames) {
      #expect(wanted.time...(wanted.time + 50_000) ~= frame.time)
    }
  }

  @Test func `of which no guest is chosen is all sent`() throws {
    #expect(try show(Self.mixed).output.contains("5 delivered, 0 taken"))
  }

  @Test(arguments: [
    (
      70_000,
      "frame 2 has 70000 octets; a packet on a ring has 65535 at most: cut it with editcap -L -s 65535"
    ),
    (13, "frame 2 has 13 octets; a packet on a ring has 14 at least"),
    (0, "frame 2 has 0 octets; a packet on a ring has 14 at least"),
  ])
  func `with a frame that fits no ring is refused`(_ length: Int, _ words: String) throws {
    var capture = SampleCapture()
    capture.add(9000)
    capture.add(length)
    let run = try show(capture)
    #expect(run.code == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors == "ringside: \(folder.path("a.pcap")): \(words)\n")
    #expect(!FileManager.default.fileExists(atPath: trace))
  }

  @Test func `with cut frames has zeros for what is missing`() throws {
    var capture = SampleCapture()
    capture.add(100, kept: 20)
    let run = try show(capture)
    #expect(run.code == 0)
    #expect(run.errors.contains("a.pcap: 1 frames are cut; what is missing of them is zeros\n"))
    #expect(try CommandRun("show", "--text", trace).output.contains(" size=100\n"))
  }

  @Test func `with a long pause, or times that go back, is none the worse`() throws {
    var capture = SampleCapture()
    capture.add(60, at: 5_000_000_000)
    capture.add(60, at: 0)
    capture.add(60, at: 100_000_000_000_000_000)
    let run = try show(capture)
    #expect(run.code == 0)
    #expect(run.output.contains("3 delivered") && run.output.contains(" in 3601.0"))
  }

  @Test func `that is cut is good up to there`() throws {
    let run = try show(Self.mixed.data.dropLast(10))
    #expect(run.code == 0)
    #expect(
      run.errors.contains(
        "ringside: \(folder.path("a.pcap")): truncated; the frames before are good\n"))
    #expect(run.output.contains("4 delivered"))
  }

  @Test func `without frames, or of another link type, is refused`() throws {
    let empty = try show(SampleCapture())
    #expect(empty.code == 2)
    #expect(empty.errors.contains("a.pcap: a capture without frames\n"))
    var other = Self.mixed
    other.link = 101
    let run = try show(other)
    #expect(run.code == 2)
    #expect(run.errors.contains("a.pcap: no savefile of Ethernet frames\n"))
  }

  @Test func `of Ringside's own, with events among the frames, is told what to do with`() throws {
    _ = try show(Self.mixed)
    let path = folder.path("own.pcapng")
    _ = try CommandRun("show", trace, "-w", path)
    let run = try CommandRun("show", path)
    #expect(run.code == 2)
    #expect(run.errors.contains("own.pcapng: no frame can be read: "))
    #expect(run.errors.contains("tshark -r FILE -Y eth -F pcap -w FRAMES"))
  }

  @Test(arguments: ["replay", "show"])
  func `that is no file is not taken`(_ verb: String) throws {
    let run = try CommandRun([verb, "-"], input: Self.mixed.data)
    #expect(run.code == 2)
    #expect(run.errors.contains("standard input: a capture; ringside show FILE -w makes a trace"))
  }

  @Test(arguments: [
    ["--guest", "00:16:3e"], ["--guest", "x"], ["--vif", "vif0.0"], ["--vif", "eth0"],
  ])
  func `takes addresses and vifs`(_ options: [String]) throws {
    let path = try folder.write("a.pcap", Self.mixed.data)
    #expect(try CommandRun(["show", path] + options).code == 64)
  }
}
