internal import Foundation
internal import Testing

@Suite struct `A diagnosis` {
  /// A backend that sleeps until request 1 is published, a guest that publishes three, and no poll for
  /// four seconds.
  private static let text = """
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
    vif domain=5 handle=0 features=0x9 disabled=no hash-algorithm=0 hash-types=0x0
     queue
    events
    7.000000000 0.0 fetched poll-begin tx budget=64
    7.000000000 0.0 fetched event-index tx by=backend 1
    7.000000000 0.0 fetched poll-end tx consumer=0 producer=0 packets=0
    8.500000000 0.0 observed request-producer tx 3
    12.500000000 0.0 fetched poll-begin tx budget=64

    """
  let folder: ScratchFolder
  let path: String

  init() throws {
    folder = try ScratchFolder()
    path = try folder.write("stuck.ringtext", Data(Self.text.utf8))
  }

  @Test func `names the cause, the ring, the time and the events`() throws {
    let run = try CommandRun("show", "--diagnose", path)
    #expect(run.code == 1)
    #expect(
      run.output == """
        \(path): 1 stall
          lost notification: vif5.0, queue 0, tx ring: requests crossed the backend's event index, and no poll follows
            for 4.000 s: from event 3 (1.500s) to event 4 (5.500s), where the ring moves again
            the trace's header  req_cons 0: so far the backend had taken them
            the trace's header  req_event 1: the backend wants to be told then
            event 3 (1.500s)  req_prod 3: so far requests were published
            cannot be told: whether the frontend sent the events that it had to send
            look at it: ringside show --text --from 0 --to 5 \(path)
          cannot be told from this trace: whether the frontend sent the events that it had to send
          cannot be told from this trace: whether the backend sent the events that it had to send
          cannot be told from this trace: what the guest published before the backend looked again

        """)
    #expect(run.errors == "ringside: \(path): 1 stall\n")
  }

  @Test func `is an object for each stall and one for the trace`() throws {
    let run = try CommandRun("show", "--diagnose", "--json", path)
    #expect(run.code == 1)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(
      lines.first == """
        {"begin":{"event":3,"nanoseconds":1500000000},"cause":"lost-notification",\
        "end":{"event":4,"nanoseconds":5500000000},"ending":"moved","nanoseconds":4000000000,\
        "proofs":[{"fact":"req_cons","place":{"nanoseconds":0},"value":0},\
        {"fact":"req_event","place":{"nanoseconds":0},"value":1},\
        {"fact":"req_prod","place":{"event":3,"nanoseconds":1500000000},"value":3}],\
        "queue":0,"ring":"tx","side":"backend","takes_carrier":false,"trace":"\(path)",\
        "untold":["frontend-notifications"],"vif":"vif5.0"}
        """)
    #expect(
      lines.last == """
        {"stalls":1,"trace":"\(path)","truncated":false,\
        "untold":["frontend-notifications","backend-notifications","later-requests"]}
        """)
  }

  @Test(arguments: [("3.9s", 1), ("4s", 1), ("4.1s", 0)])
  func `calls a stall what lasts as long as it is told`(_ limit: String, _ code: Int32) throws {
    let run = try CommandRun("show", "--diagnose", "--stall-after", limit, path)
    #expect(run.code == code)
    #expect(run.output.contains(code == 1 ? ": 1 stall\n" : ": no stall found\n"))
  }

  @Test func `finds nothing in the traces of live backends`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let run = try CommandRun("show", "--diagnose", root.appending(path: "Corpus/field").path)
    #expect(run.code == 0, "\(run.output)\(run.errors)")
    #expect(run.output.components(separatedBy: ": no stall found\n").count == 5)
    #expect(run.output.contains("cannot be told from this trace: which frames wait for the guest"))
  }

  @Test(arguments: [
    (["--diagnose", "--text"], "--diagnose takes whole traces"),
    (["--diagnose", "--from", "3"], "--diagnose takes whole traces"),
    (["--diagnose", "-w", "a.ringtrace"], "--diagnose takes whole traces"),
    (["--diagnose", "--scenarios", "seeds"], "--diagnose takes whole traces"),
    (["--stall-after", "1s"], "--stall-after goes with --diagnose"),
    (["--diagnose", "--stall-after", "0s"], "--stall-after takes more than 0s"),
    (["--diagnose", "--stall-after", "soon"], "'soon' is invalid"),
  ])
  func `goes with nothing else`(_ options: [String], _ words: String) throws {
    let run = try CommandRun(["show", path] + options)
    #expect(run.code == 64)
    #expect(run.output.isEmpty)
    #expect(run.errors.contains(words), "\(run.errors)")
  }

  @Test func `of a trace that was cut goes up to its end`() throws {
    let cut = try folder.write("cut.ringtrace", SampleTrace.octets().dropLast(10))
    let run = try CommandRun("show", "--diagnose", "--json", cut)
    #expect(run.code == 0)
    #expect(run.output.contains("\"truncated\":true"))
    #expect(run.errors.contains("cut.ringtrace: truncated"))
  }
}
