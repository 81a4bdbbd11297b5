import Netback
import Netif
import PerfettoExport
import Recorder
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct CounterTests {
  @Test(arguments: AnswerOrder.allCases)
  func `a counter says how many requests are published and not answered`(
    _ order: AnswerOrder
  ) throws {
    let trace = try Exported(record(.init(seed: 11, order: order), steps: 30))
    for ring in [TraceRing.tx, .rx] {
      let shown = trace.shown.events(on: "\(ring) outstanding requests").map { $0.value ?? 0 }
      #expect(shown == trace.outstanding(ring))
      #expect(shown.count > 40)
      #expect(shown.allSatisfy { $0 <= 256 })
    }
  }

  @Test(arguments: [DataPath.copy, .map, .mapLarge, .lazy])
  func `a counter says how many grants are mapped`(_ path: DataPath) throws {
    let trace = try Exported(record(.init(seed: 12, order: .completion, path: path), steps: 30))
    let shown = trace.shown.events(on: "mapped grants").map { $0.value ?? 0 }
    #expect(shown == trace.mapped)
    if path != .copy { #expect(shown.contains { $0 > 1 }) }
  }

  @Test func `a counter says how many frames wait for the guest`() throws {
    let trace = try Exported(record(.init(seed: 13), steps: 30))
    let shown = trace.shown.events(on: "queued frames")
    #expect(shown.contains { $0.value ?? 0 > 0 })
    let taken = trace.events.count { if case .taken = $0.body { true } else { false } }
    let frames = trace.shown.events(on: "rx frames")
    #expect(frames.count { $0.kind == .begin } == taken)
    #expect(frames.count == shown.count)
    #expect(shown.last?.value == UInt64(2 * taken - frames.count))
  }

  @Test func `frames that waited too long are dropped`() throws {
    let taken = TraceEvent.Body.taken(.init(length: 60, captured: 0, offload: .init()))
    let index = RingIndex(rawValue: 0)
    let end = TraceEvent.Body.pollEnd(ring: .rx, consumer: index, producer: index, packets: 0)
    let header = TraceHeader(
      source: .inProcess, clock: .simulated, profile: .linux, snapLength: 0, tool: "", vifs: [])
    let (shown, _) = try export(
      header,
      [
        event(taken, at: 0), event(taken, at: 20_000_000),
        event(.pollBegin(ring: .rx, budget: 0), at: 30_000_000), event(end, at: 30_000_000),
      ])
    #expect(shown.events(on: "queued frames").map(\.value) == [1, 2, 1])
    #expect(shown.events(on: "network").map(\.name) == ["taken", "taken", "dropped"])
    #expect(try openSlices(shown).count == 1)
  }

  private func event(_ body: TraceEvent.Body, at time: UInt64) -> TraceEvent {
    TraceEvent(time: MonotonicInstant(nanoseconds: time), origin: .fetched, body)
  }
}

extension Exported {
  /// What the counter of a ring of queue 0 is to show: published requests that are not answered, as often
  /// as that changes.
  fileprivate func outstanding(_ ring: TraceRing) -> [UInt64] {
    var (published, answered): (RingIndex?, RingIndex?)
    var counts: [UInt64] = []
    var last: UInt64?
    var isSnapshotNew = false
    var snapshots = snapshots[...]
    for event in events {
      switch event.body {
      case .requestProducer(ring, let index): published = index
      case .txResponse(let index, _, _, _): if ring == .tx { answered = index.advanced(by: 1) }
      case .rxResponse(let index, _, _): if ring == .rx { answered = index.advanced(by: 1) }
      case .snapshot:
        guard let queue = snapshots.popFirst()?.queues.first else { continue }
        let indices = ring == .tx ? queue.tx : queue.rx
        (published, answered, last) = (indices.requestProducer, indices.responseProducer, nil)
        isSnapshotNew = !(ring == .tx ? queue.txSlots : queue.rxSlots).isEmpty
        continue
      default: break
      }
      // The slots of a snapshot are shown with the first event behind it.
      guard event.isOfRing(ring) || isSnapshotNew, let published, let answered else { continue }
      isSnapshotNew = false
      let count = UInt64(published.distance(from: answered))
      if count != last { counts.append(count) }
      last = count
    }
    return counts
  }

  /// What the counter of mapped grants is to show.
  fileprivate var mapped: [UInt64] {
    var counts: [UInt64] = []
    for event in events {
      let last = counts.last ?? 0
      switch event.body {
      case .grantMap(_, _, _, .okay): counts.append(last + 1)
      case .grantUnmap(_, _, .okay): counts.append(last - 1)
      default: break
      }
    }
    return counts
  }
}

extension TraceEvent {
  fileprivate func isOfRing(_ ring: TraceRing) -> Bool {
    switch body {
    case .slot(ring, _, _), .requestProducer(ring, _), .responseProducer(ring, _),
      .eventIndex(ring, _, _), .notification(ring, _), .pollBegin(ring, _), .pollEnd(ring, _, _, _):
      true
    case .txResponse: ring == .tx
    case .rxResponse: ring == .rx
    default: false
    }
  }
}
