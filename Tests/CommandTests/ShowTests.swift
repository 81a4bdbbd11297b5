internal import Foundation
internal import Testing

@Suite struct ShowTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test func `a trace is summed up, for people and as JSON`() throws {
    let path = try folder.write("a.ringtrace", SampleTrace.octets())
    let run = try CommandRun("show", path)
    #expect(run.code == 0)
    #expect(run.errors.isEmpty)
    #expect(run.output.contains("complete"))
    #expect(run.output.contains("\n  events       1000 in 0.999 s\n"))
    let json = try CommandRun("show", "--json", path)
    #expect(json.output.contains("\"events\":1000"))
    #expect(json.errors == run.output)
  }

  @Test func `a vif that was attached to is shown as its first snapshot has it`() throws {
    let path = try folder.write("b.ringtrace", SampleTrace.attached(queues: 2))
    #expect(try CommandRun("show", path).output.contains("\n  vif          vif5.0: 2 queues, sg\n"))
    let json = try CommandRun("show", "--json", "--from", "1", path)
    #expect(
      json.output.contains(
        "\"vifs\":[{\"disabled\":false,\"features\":\"sg\",\"name\":\"vif5.0\",\"queues\":2}]"))
  }

  @Test func `a trace comes through a pipe`() throws {
    let run = try CommandRun("show", "-", input: SampleTrace.octets())
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("standard input: "))
  }

  @Test func `a folder is searched for traces`() throws {
    _ = try folder.write("b.ringtrace", SampleTrace.octets())
    _ = try folder.write("c.txt", Data("not a trace".utf8))
    let run = try CommandRun("show", folder.url.path)
    #expect(run.code == 0)
    #expect(run.output.hasPrefix(folder.path("b.ringtrace") + ": "))
  }

  @Test func `a trace that was cut is shown up to its end, with a warning`() throws {
    let path = try folder.write("cut.ringtrace", SampleTrace.octets().dropLast(10))
    let run = try CommandRun("show", path)
    #expect(run.code == 0)
    #expect(run.output.contains("truncated"))
    #expect(run.errors.contains("cut.ringtrace: truncated"))
  }
}

@Suite struct ShowFormTests {
  static let text = """
    ringside-trace 1.0
    source by-hand
    clock monotonic
    profile linux
    order ring
    wall-time 0
    time-unit 1
    snap-length 0
    tool ""
    options ""
    redaction ""
    vif domain=5 handle=0 features=0x1 disabled=no hash-algorithm=0 hash-types=0x0
    events
    0.000000000 0.0 observed tx-slot 0 gref=8 offset=0 flags=0x8 id=0 size=60
    1.000000001 0.0 fetched memory gref=8 offset=0 length=4 data=00ffa0
    1.100000000 0.0 fetched key of=frontend text="a=\\"b\\"\\x0a"

    """
  let folder: ScratchFolder
  let path: String

  init() throws {
    folder = try ScratchFolder()
    path = try folder.write("hand.ringtext", Data(Self.text.utf8))
  }

  @Test func `the text form becomes the binary one and comes back as it was`() throws {
    let binary = folder.path("hand.ringtrace")
    #expect(try CommandRun("show", path, "-w", binary).code == 0)
    let run = try CommandRun("show", "--text", binary)
    #expect(run.code == 0)
    #expect(run.output == Self.text)
    #expect(run.errors.contains("vif5.0: 0 queues, sg\n"))
    let back = folder.path("back.ringtext")
    #expect(try CommandRun("show", binary, "-w", back).code == 0)
    #expect(try folder.text("back.ringtext") == Self.text)
  }

  @Test func `a file for Perfetto has tracks, and nothing of what pages held`() throws {
    let run = try CommandRun("show", path, "-w", folder.path("hand.perfetto-trace"))
    #expect(run.code == 0)
    #expect(run.output.contains("\n  events       3 in 1.100 s\n"))
    let file = try Data(contentsOf: folder.url.appending(path: "hand.perfetto-trace"))
    for name in ["vif5.0", "queue 0", "tx packets", "a=\"b\"\n"] {
      #expect(file.range(of: Data(name.utf8)) != nil)
    }
    #expect(file.range(of: Data([0x00, 0xff, 0xa0])) == nil)
  }

  @Test func `an event is an object with the fields of its line`() throws {
    let run = try CommandRun("show", "--text", "--json", path)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(
      lines.dropFirst().first == """
        {"data":"00ffa0","event":"memory","gref":8,"length":4,"offset":0,\
        "origin":"fetched","queue":0,"time":"1.000000001","vif":0}
        """)
    #expect(lines.dropFirst(2).first?.contains(#""text":"a=\"b\"\n""#) == true)
  }

  @Test(arguments: [
    ("--from", "1", 2), ("--to", "2", 2), ("--from", "1.05s", 1), ("--to", "1s", 1),
    ("--from", "packet:0", 3), ("--from", "packet:1", 0), ("--from", "tx:0", 3),
    ("--to", "0.0:tx:0", 0), ("--to", "rx:0", 3),
  ])
  func `a part is chosen by number, time, packet or slot`(
    _ option: String, _ place: String, _ events: Int
  ) throws {
    let run = try CommandRun("show", option, place, path)
    #expect(run.output.contains("\n  events       \(events) in "))
  }

  @Test func `an error in the text form is told with its place`() throws {
    let wrong = try folder.write("wrong.ringtext", Data((Self.text + "2 0.0 seen\n").utf8))
    let run = try CommandRun("show", wrong)
    #expect(run.code == 2)
    #expect(run.errors == "ringside: \(wrong): line 17, column 7: expected fetched, observed\n")
  }

  @Test(arguments: [
    ["-w", "/dev/full"], ["-w", "/no/such/folder/a.ringtrace"],
    ["-w", "/no/such/folder/a.perfetto-trace"],
  ])
  func `what cannot be written is told in one line`(_ arguments: [String]) throws {
    let run = try CommandRun(["show", path] + arguments)
    #expect(run.code == 4)
    #expect(run.errors.hasPrefix("ringside: \(arguments[1]): No "))
    #expect(run.errors.count { $0 == "\n" } == 1)
  }
}
