import FaultyTwins
import Fuzzer
import Testing
import TraceFormat

@Suite struct `A scenario's C program` {
  typealias Advisories = `A public advisory`
  static let name = ScenarioSourceName(path: "case.scenario")

  static func scenario(_ steps: String) throws -> Scenario {
    let text = "\(`A scenario`.head)\n\(steps)\n"
    return try Scenario(text: MemorySource(Array(text.utf8)))
  }

  /// The lines of a function or a table.
  static func lines(_ source: ScenarioProgramSource, of head: String) -> [Substring] {
    source.text.split(separator: "\n").drop { !$0.hasPrefix(head) }.dropFirst()
      .prefix { !$0.hasPrefix("}") }.filter { $0 != "{" }
      .map { $0.drop { $0 == " " } }
  }

  static let steps = """
    fill page=3 offset=4000 length=4096 octet=0x7
    word page=3 place=1023 value=0x9
    listen ring=tx ahead=5
    send page=3 offset=0 size=2 flags=0x8
    extra type=2 flags=0x1 low=513 high=5
    raw ring=tx word0=0x3 word1=0x0 word2=0x0 word3=0x0
    send page=200 offset=0 size=60 flags=0x0
    extra type=1 flags=0x0 low=500 high=1
    raw ring=tx word0=0x69 word1=0x0 word2=0x3c0009 word3=0x0
    publish ring=tx beyond=0 tells=no
    pass ms=7
    publish ring=tx beyond=0 tells=yes
    reconnect
    publish ring=tx beyond=1000 tells=yes
    """

  @Test func `does each step, and puts real references where a backend looks for one`() throws {
    let source = try ScenarioProgramSource(of: Self.scenario(Self.steps), named: Self.name)
    let calls = Self.lines(source, of: "static void play").filter { line in
      !["write_octets", "\""].contains { line.hasPrefix($0) }
    }
    #expect(
      calls.joined(separator: "\n") == """
        fill(3, 4000, 4096, 7);
        write_word(3, 1023, 0x9);
        listen_for(5);
        put_data(page(3), 0, 2, 0x8);
        put(0x2010102, 0x5, 0x0);
        put(0x3, 0x0, 0x0);
        put_data(never(0x12c), 0, 60, 0x0);
        put(never(0x1f40001), 0x1, 0x0);
        put(page(5), 0x0, 0x3c0009);
        publish(0);
        usleep(7 * 1000);
        publish(0);
        tell(6);
        leave();
        join();
        publish(1000);
        tell(0);
        """)
    #expect(source.text.contains("    write_octets(3, 0,\n        \"0200\");\n"))
    #expect(source.leftOut == 0 && source.failure == nil)
  }

  @Test func `expects the answers of the model, the NULLs of extra infos among them`() throws {
    let source = try ScenarioProgramSource(of: Self.scenario(Self.steps), named: Self.name)
    #expect(
      Self.lines(source, of: "static const struct answer wanted")
        == ["{0, 0},", "{1, 1},", "{2, 1},", "{0, -1},", "{3, -1},", "{9, 0},", "{0, 0},"])
  }

  @Test func `says what of other rings is not in it`() throws {
    let other = "offer page=1\nframe length=60 kind=0 checksum=unknown segment=0 type=1\n"
    let source = try ScenarioProgramSource(of: Self.scenario(other + Self.steps), named: Self.name)
    #expect(source.leftOut == 2)
    #expect(source.text.contains("\n * Not in it: 2 steps that are about other rings.\n */\n"))
  }

  /// Advisories that a guest shows by itself on the TX ring.
  static let shown = [
    "xsa-039-leaked-pages", "xsa-039-missing-slot", "xsa-039-producer", "xsa-039-wrapped-walk",
    "xsa-090-goes-on", "xsa-216-padding", "xsa-361-first-failure", "xsa-367-unchecked-status",
    "xsa-423-split-headers", "xsa-432-wrapped-count", "xsa-448-empty-slots",
  ]

  @Test func `is there for each advisory that a guest shows on the TX ring alone`() throws {
    let shown = FaultyTwin.all.map(\.name).filter { name in
      (try? ScenarioProgramSource(of: Advisories.scenario(name), named: Self.name)) != nil
    }
    #expect(shown.sorted() == Self.shown)
  }

  static let refused: [(steps: String, error: ScenarioProgramError)] = [
    ("flip ring=tx back=0 word=0 to=0x65", .notTheGuests(step: 0)),
    ("grant page=1 access=read\ngrant page=1 access=none", .notTheGuests(step: 1)),
    ("refuse page=1 status=-8", .notTheGuests(step: 0)),
    ("lie ahead=0 status=-8", .notTheGuests(step: 0)),
    ("rate octets=1000 ms=9", .notTheGuests(step: 0)),
    ("publish ring=control beyond=1000 tells=yes", .cutOffElsewhere(step: 0)),
    ("offer page=1\npublish ring=rx beyond=0 tells=yes", .nothingSent),
    ("send page=1 offset=0 size=60 flags=0x0", .nothingSent),
  ]

  @Test(arguments: refused.indices)
  func `is not written where it could not do what the scenario says`(_ place: Int) throws {
    let scenario = try Self.scenario(Self.refused[place].steps)
    #expect(throws: Self.refused[place].error) {
      try ScenarioProgramSource(of: scenario, named: Self.name)
    }
  }

  @Test func `is not written for a life`() throws {
    let life = Scenario(ScenarioVif(.xenbus), [.release])
    #expect(throws: ScenarioProgramError.life) {
      try ScenarioProgramSource(of: life, named: Self.name)
    }
  }
}
