import FaultyTwins
import Fuzzer
import Testing
import TraceFormat

@Suite struct `A scenario's test` {
  typealias Advisories = `A public advisory`
  static let name = ScenarioSourceName(path: "case.scenario")

  @Test(arguments: FaultyTwin.all.map(\.name))
  func `expects what the models say, each behind its step`(_ name: String) throws {
    let scenario = try Advisories.scenario(name)
    let source = ScenarioTestSource(of: scenario, named: Self.name)
    #expect(source.failure == nil)
    let text = ScenarioStory(of: scenario).text
    #expect(try Scenario(text: MemorySource(Array(text.utf8))) == scenario)
    for line in text.split(separator: "\n") { #expect(source.text.contains("    \(line)\n")) }
    #expect(text.split(separator: "\n").count { $0.hasPrefix("# ") } > 0)
  }

  @Test(arguments: FaultyTwin.all)
  func `says that a netback with the fault fails it`(_ twin: FaultyTwin) throws {
    let scenario = try Advisories.scenario(twin.name)
    let source = ScenarioTestSource(of: scenario, named: Self.name) { way in
      var seam = twin.seam
      if scenario.vif.stage == .rings { seam.way = way }
      return seam
    }
    #expect(source.failure != nil)
  }

  @Test func `has no outcome where that is not known to the end`() throws {
    let scenario = try Advisories.scenario("xsa-155-double-fetch")
    let source = ScenarioTestSource(of: scenario, named: Self.name) { way in
      var seam = ScenarioSeam(way)
      seam.ring.readsTwice = true
      return seam
    }
    #expect(source.failure?.way == ScenarioWay())
    #expect(!source.text.contains("outcome") && source.text.contains("in each way"))
    #expect(!source.text.contains("# "))
  }

  @Test(arguments: [
    ("a/b.c/one-slot.ringtrace", "one-slot"), ("case", "case"), (".scenario", ".scenario"),
    ("a/x`*/\n\"\\é.swift", "----"), ("", "scenario"), ("   ", "scenario"),
    ("standard input", "standard input"),
  ])
  func `is called so that it can be compiled`(_ path: String, _ name: String) {
    #expect(ScenarioSourceName(path: path).description == name)
  }
}
