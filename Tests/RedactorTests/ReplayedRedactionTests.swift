import Netback
import Netif
import Recorder
import Replayer
import Testing
import TraceFormat
import XenInterface

@testable import Redactor

/// What is redacted replays as it did before.
@Suite struct ReplayedRedactionTests {
  @Test(arguments: FieldTraces.names, RedactionSample.all)
  func `a live backend's trace replays as before`(
    _ name: String, _ sample: RedactionSample
  ) throws {
    let trace = try Recorded(try FieldTraces.octets(name))
    let before = try replay(trace.octets)
    #expect(before.diverged == 0)
    let after = try replay(trace.redacted(sample.redaction).octets)
    #expect(after.diverged == 0, "\(after.divergences.first.map { "\($0)" } ?? "")")
    #expect(after.frames == before.frames && after.cut == before.cut)
  }

  @Test(
    arguments: [
      SimulatedGuest.Options(seed: 3),
      SimulatedGuest.Options(seed: 4, order: .completion, path: .map),
      SimulatedGuest.Options(seed: 5, path: .header),
      SimulatedGuest.Options(seed: 6, queues: 3, largestPayload: 3000, usesControlRing: true),
      SimulatedGuest.Options(seed: 7, profile: .netif, rate: "100000,50000"),
    ], RedactionSample.all)
  func `a trace of the Swift netback replays as before`(
    _ options: SimulatedGuest.Options, _ sample: RedactionSample
  ) throws {
    let octets = try record(options, steps: 25)
    let before = try replay(octets, by: options.path)
    #expect(before.diverged == 0, "\(before.divergences.first.map { "\($0)" } ?? "")")
    let redacted = try Recorded(octets).redacted(sample.redaction).octets
    let after = try replay(redacted, by: options.path)
    #expect(after.diverged == 0, "\(after.divergences.first.map { "\($0)" } ?? "")")
    #expect(after.frames == before.frames)
  }

  @Test func `where addresses are replaced the hash is judged, and the queue is not`() throws {
    var trace = try Recorded(try FieldTraces.octets("control"))
      .redacted(Redaction(key: RedactionSample.key))
    #expect(try replay(trace.octets).diverged == 0)
    trace.header.redaction = ""
    #expect(try replay(trace.octets).diverged > 0)
    trace.header.redaction = "scramble"
    let place = try #require(trace.events.firstIndex { $0.event.body.hash != nil })
    trace.events[place].event.body.hash?.value ^= 1
    #expect(try replay(trace.octets).diverged > 0)
  }
}

extension TraceEvent.Body {
  /// The flow hash of a frame for the guest.
  fileprivate var hash: FlowHash? {
    get { if case .taken(let frame) = self { frame.offload.hash } else { nil } }
    set {
      guard case .taken(var frame) = self else { return }
      frame.offload.hash = newValue
      self = .taken(frame)
    }
  }
}
