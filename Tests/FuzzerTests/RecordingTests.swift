import FaultyTwins
import Fuzzer
import Replayer
import Testing
import TraceFormat
import XenInterface

@Suite struct `A scenario's trace` {
  typealias Advisories = `A public advisory`
  typealias Corpus = `The corpus of scenarios`

  @Test(arguments: FaultyTwin.all.map(\.name))
  func `of an advisory replays as it was recorded`(_ name: String) throws {
    let scenario = try Advisories.scenario(name)
    let report = try RecordedScenario(scenario).replay()
    #expect(report.diverged == 0 && report.cut == 0, "\(report.divergences)")
    // Of a life states and keys are told, too, and if the guest never connects, nothing else.
    let isOfRings = scenario.vif.stage == .rings
    #expect((report.notReplayed == 0) == isOfRings && (report.matched > 0 || !isOfRings))
  }

  @Test func `of a life of the corpus replays as it was recorded`() throws {
    for (place, (name, octets)) in try Corpus.scenarios(.xenbus).enumerated() where place % 4 == 0 {
      let recorded = try RecordedScenario(Scenario(octets: octets))
      #expect(recorded.failure == nil, "\(name)")
      let report = try recorded.replay()
      #expect(report.diverged == 0 && report.cut == 0, "\(name): \(report.divergences)")
    }
  }

  /// Twins whose trace says nothing of their fault, and why.
  static let unseen = [
    "xsa-039-leaked-pages": "a trace has what the backend gave back, not what the system did",
    "xsa-155-double-fetch": "a trace has each word as the backend believed it",
    "xsa-216-padding": "a trace has the words of an answer, not what lies behind them in the slot",
    "xsa-270-half-update": "what the guest has set shows in a later frame alone",
    "xsa-316-positive-status": "a trace has what the backend took Xen's answer for",
    "xsa-318-unwritten-status": "the same",
    "xsa-361-first-failure": "the same",
    "xsa-367-failed-batch": "the same",
  ]

  @Test(arguments: FaultyTwin.ofRings)
  func `of a twin diverges, where it shows the fault`(_ twin: FaultyTwin) throws {
    let recorded = try RecordedScenario(Advisories.scenario(twin.name), twin.seam)
    #expect(recorded.failure != nil)
    #expect(try (recorded.replay().diverged == 0) == (Self.unseen[twin.name] != nil))
  }

  /// What no ring shows, and what it changes behind it.
  static let hidden: [(name: String, steps: String)] = [
    (
      "a limit, for which a packet waits",
      """
      send page=1 offset=0 size=3000 flags=0x0
      publish ring=tx beyond=0 tells=yes
      rate octets=1000 ms=9
      send page=1 offset=0 size=3000 flags=0x0
      send page=2 offset=0 size=60 flags=0x0
      publish ring=tx beyond=0 tells=yes
      pass ms=40000
      """
    ),
    (
      "a frame that waited too long",
      """
      frame length=100 kind=0 checksum=unknown segment=0 type=1
      pass ms=20000
      frame length=60 kind=1 checksum=unknown segment=0 type=1
      offer page=1
      publish ring=rx beyond=0 tells=yes
      """
    ),
    (
      "a frame that waits too long, before one that does not, since before a limit was set",
      """
      frame length=100 kind=0 checksum=unknown segment=0 type=1
      pass ms=4000
      frame length=200 kind=0 checksum=unknown segment=0 type=1
      rate octets=1000 ms=9
      pass ms=7000
      offer page=1
      publish ring=rx beyond=0 tells=yes
      """
    ),
    (
      "a frame that waited too long while the guest took a claim back",
      """
      offer page=1
      publish ring=rx beyond=9 tells=yes
      frame length=60 kind=1 checksum=unknown segment=0 type=1
      publish ring=rx beyond=0 tells=yes
      frame length=100 kind=0 checksum=unknown segment=0 type=1
      pass ms=20000
      offer page=2
      frame length=80 kind=0 checksum=unknown segment=0 type=1
      publish ring=rx beyond=0 tells=yes
      """
    ),
    (
      "a reconnection, with a frame that waits",
      """
      frame length=100 kind=0 checksum=unknown segment=0 type=1
      send page=1 offset=0 size=60 flags=0x0
      publish ring=tx beyond=0 tells=yes
      reconnect
      send page=1 offset=0 size=61 flags=0x0
      publish ring=tx beyond=0 tells=yes
      offer page=1
      frame length=60 kind=1 checksum=unknown segment=0 type=1
      publish ring=rx beyond=0 tells=yes
      """
    ),
  ]

  @Test(arguments: hidden.indices)
  func `has what no ring shows`(_ place: Int) throws {
    let report = try Self.recorded(Self.hidden[place].steps).replay()
    #expect(report.diverged == 0 && report.matched > 0, "\(Self.hidden[place].name)")
  }

  @Test func `of a life has a headroom that changes while the guest is connected`() throws {
    let text = """
      ringside-life 1 profile=linux start=0x0 gso4=yes gso6=yes notifies=yes headroom=0
      rings more=0 split=yes control=no
      key name=state place=0 form=plain number=4 looks=yes
      toolstack does=plug looks=yes
      deliver queue=0 group=no
      key name=xdp-headroom place=0 form=plain number=100 looks=yes
      key name=state place=0 form=plain number=7 looks=yes
      key name=state place=0 form=plain number=4 looks=yes
      deliver queue=0 group=no

      """
    let recorded = try RecordedScenario(Scenario(text: MemorySource(Array(text.utf8))))
    let report = try recorded.replay()
    #expect(recorded.failure == nil)
    #expect(report.diverged == 0 && report.matched > 20, "\(report.divergences)")
  }

  private static func recorded(_ steps: String) throws -> RecordedScenario {
    let text = "\(`A scenario`.head)\n\(steps)\n"
    return try RecordedScenario(Scenario(text: MemorySource(Array(text.utf8))))
  }

  @Test func `has a poll, and no snapshot, where a frame waited too long`() throws {
    let recorded = try Self.recorded(Self.hidden[1].steps)
    var reader = try TraceReader(MemorySource(recorded.octets))
    var polls: [MonotonicInstant] = []
    while let event = try reader.next() {
      switch event.body {
      case .pollEnd(.rx, _, _, _): polls.append(event.time)
      case .snapshot: Issue.record("a snapshot")
      default: break
      }
    }
    #expect(polls == [MonotonicInstant(nanoseconds: 20_000_000_000)])
  }

  @Test(arguments: ScenarioTarget.rings, [1, 2, 3] as [UInt64])
  func `whatever its steps replays as it was recorded`(
    _ target: ScenarioTarget, _ seed: UInt64
  ) throws {
    for number in 0..<15 as Range<UInt64> {
      var mutator = ScenarioMutator(target, seed: seed << 32 | number)
      var scenario = mutator.fresh()
      for _ in 0..<number % 4 { mutator.mutate(&scenario) }
      let report = try RecordedScenario(scenario.withoutLies).replay()
      #expect(report.diverged == 0, "number \(number): \(report.divergences)")
    }
  }
}
