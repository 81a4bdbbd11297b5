import Netback
import Netif
import PerfettoExport
import Recorder
import Testing

@Suite struct TrackTests {
  @Test func `a vif has its life, control ring and queues, a queue its rings, grants and frames`()
    throws
  {
    let trace = try Exported(
      record(.init(seed: 3, queues: 2, path: .map, usesControlRing: true), steps: 60))
    let control = ["ring", "messages", "outstanding requests", "grants"]
    let queue = [
      "tx ring", "tx packets", "tx outstanding requests", "rx ring", "rx frames",
      "rx outstanding requests", "grants", "mapped grants", "network", "queued frames",
    ]
    let groups = [
      ("control ring", control), ("queue 0", queue), ("queue 1", queue),
    ]
    let below = groups.flatMap { group, tracks in
      ["vif1.0/" + group] + tracks.map { "vif1.0/\(group)/\($0)" }
    }
    #expect(trace.shown.paths == Set(["vif1.0", "vif1.0/life"] + below))
  }

  @Test func `a vif stands for a process, and what counts is a counter`() throws {
    let shown = try Exported(record(.init(seed: 3, path: .map), steps: 5)).shown
    let processes = shown.tracks.values.compactMap(\.process)
    #expect(processes == [1])
    let counters = Set(shown.tracks.values.filter(\.isCounter).map(\.name))
    #expect(
      counters == [
        "tx outstanding requests", "rx outstanding requests", "mapped grants", "queued frames",
      ])
    for event in shown.events {
      let isCounter = shown.tracks[event.track]?.isCounter
      #expect(isCounter == (event.kind == .counter))
      #expect((event.value != nil) == (event.kind == .counter))
    }
  }

  @Test func `tracks of one name have one rank, those of others have others`() throws {
    let shown = try Exported(record(.init(seed: 3, usesControlRing: true), steps: 5)).shown
    var names: [[UInt64?]: Set<String>] = [:]
    for track in shown.tracks.values where track.parent != nil {
      names[[track.parent, track.rank], default: []].insert(track.name)
    }
    #expect(names.values.allSatisfy { $0.count == 1 })
    #expect(names.keys.allSatisfy { $0[1] != nil })
  }

  @Test(arguments: DataPath.allCases, AnswerOrder.allCases)
  func `on each track slices end before the next one begins`(
    _ path: DataPath, _ order: AnswerOrder
  ) throws {
    let trace = try Exported(
      record(.init(seed: 5, queues: 2, order: order, path: path, usesControlRing: true), steps: 15))
    _ = try openSlices(trace.shown)
    #expect(trace.shown.events(on: "tx packets").count > 40)
  }

  @Test(arguments: FieldTraces.names)
  func `slices of a kernel's trace end before the next one begins`(_ name: String) throws {
    let shown = try Exported(FieldTraces.octets(name)).shown
    _ = try openSlices(shown)
    #expect(shown.events.contains { $0.kind == .begin })
  }
}

/// A slice began where one was open, or ended where none was.
struct BadNesting: Error { var event: ShownTrace.Event }

/// Sees that slices on a track follow each other.
///
/// - Returns: tracks on which a slice is open at the end.
func openSlices(_ shown: ShownTrace) throws -> Set<UInt64> {
  var open: Set<UInt64> = []
  for event in shown.events {
    switch event.kind {
    case .begin: guard open.insert(event.track).inserted else { throw BadNesting(event: event) }
    case .end: guard open.remove(event.track) != nil else { throw BadNesting(event: event) }
    case .instant, .counter: break
    }
  }
  return open
}
