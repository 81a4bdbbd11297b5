import FoundationEssentials
import Netback
import Netfront
import Netif
import Recorder
import Replayer
import RingCases
import SimulatedXen
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct `Frames for a guest in front of a live backend` {
  @Test(arguments: [1, 2])
  func `are given to it, and come with the same answers`(_ queues: Int) throws {
    let octets = try record(.init(seed: 5, queues: queues), steps: 20, snapLength: 65535)
    let recorded = try parse(octets)
    let report = try LiveMachine().replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.ungiven == 0 && report.foreign == 0)
    #expect(report.matched > recorded.count { $0.isTaken } + recorded.count { $0.isAnswerOnRx })
    #expect(recorded.count { $0.isTaken } > 20)
  }

  @Test(arguments: [UInt64(2), 6])
  func `are hashed as in the trace`(_ seed: UInt64) throws {
    let options = SimulatedGuest.Options(
      seed: seed, queues: 3, largestPayload: 3000, usesControlRing: true)
    let recorded = try parse(try record(options, steps: 30))
    let report = try LiveMachine().replay(recorded)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    let observed = try LiveMachine().replay(Observed(recorded).recorded)
    #expect(observed.diverged == 0, "\(observed.divergences.first.map { "\($0)" } ?? "")")
  }

  @Test(arguments: [false, true])
  func `come elsewhere or with another hash where a mapping or a key is another`(
    _ isMapping: Bool
  ) throws {
    var recorded = try ControlReplayTests.recordFlows()
    let whole = try LiveMachine().replay(recorded)
    #expect(whole.diverged == 0 && whole.matched > 200)
    let place = try #require(
      recorded.events.indices.first { place in
        guard case .memory(let operand) = recorded.events[place].event.body else { return false }
        return (operand.length == 40) != isMapping
      })
    recorded.events[place].payload[isMapping ? 16 : 17] ^= isMapping ? 1 : 0x80
    let first = try #require(try LiveMachine().replay(recorded).divergences.first)
    guard case .taken(let frame)? = first.recorded?.body,
      case .taken(let seen)? = first.replayed?.body
    else {
      Issue.record("\(first)")
      return
    }
    #expect(first.kind == .differs && (frame.offload.hash == seen.offload.hash) == isMapping)
    #expect(!isMapping || first.recorded?.queue != first.replayed?.queue)
  }

  @Test(arguments: [UInt32(0), 64, 160])
  func `are filled where the snap length cut them`(_ snapLength: UInt32) throws {
    let octets = try record(.init(seed: 4), steps: 10, snapLength: snapLength)
    let report = try LiveMachine().replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.ungiven < UInt64(try parse(octets).count { $0.isTaken }))
  }

  @Test func `are told of where an answer differs`() throws {
    let recorded = try parse(try record(.init(seed: 5), steps: 6, snapLength: 65535))
    let place = try #require(recorded.first { $0.isAnswerOnRx })
    for (change0, change1) in [(UInt32(1) << 16, UInt32(0)), (0, 2)] {
      var altered = recorded
      altered.change(at: place) { body in
        guard case .rxResponse(let index, let word0, let word1) = body else { return }
        body = .rxResponse(index: index, word0: word0 ^ change0, word1: word1 ^ change1)
      }
      let report = try LiveMachine().replay(altered)
      #expect(report.divergences.map(\.number) == [place])
      #expect(report.divergences.first?.kind == .differs && report.firstTurn != nil)
    }
  }

  @Test func `are told of where a backend loses, alters or doubles them`() throws {
    let octets = try record(.init(seed: 5), steps: 6, snapLength: 65535)
    let first = try #require(try parse(octets).first { $0.isTakenFrame })
    for (fault, kind) in [
      (FrameFault.lost, Divergence.Kind.missing), (.altered, .content), (.cut, .differs),
      (.doubled, .unexpected),
    ] {
      let report = try LiveMachine(fault: fault).replay(octets)
      #expect(report.divergences.contains { $0.kind == kind }, "\(fault)")
      #expect(report.divergences.first.map { $0.number >= first } == true)
    }
  }

  @Test func `that have more octets than they are long are not given`() throws {
    var recorded = try parse(try record(.init(seed: 5), steps: 8, snapLength: 65535))
    let place = try #require(recorded.events.firstIndex { $0.event.body.isTakenFrame })
    recorded.events[place].payload = Array(repeating: 1, count: 100_000)
    recorded.change(at: UInt64(place)) { body in
      guard case .taken(var frame) = body else { return }
      frame.length = 60
      frame.captured = 100_000
      body = .taken(frame)
    }
    let report = try LiveMachine().replay(recorded)
    #expect(report.ungiven == 1)
  }

  @Test func `are not mistaken for those of others`() throws {
    let octets = try record(.init(seed: 5), steps: 6, snapLength: 65535)
    let report = try LiveMachine(fault: .accompanied).replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.foreign > 5)
  }

  @Test func `are counted where the backend cannot be given any`() throws {
    let octets = try record(.init(seed: 5), steps: 6, snapLength: 65535)
    let report = try LiveMachine(sight: .ring).replay(octets)
    #expect(report.diverged == 0)
    #expect(report.ungiven == UInt64(try parse(octets).count { $0.isTaken }))
  }

  @Test func `of two backends are compared with each other`() throws {
    let octets = try record(.init(seed: 5, queues: 2), steps: 6, snapLength: 65535)
    let same = try LiveMachine().replay(octets, against: LiveMachine())
    #expect(same.diverged == 0, "\(same.divergences.first.map { "\($0)" } ?? "")")
    let lost = try LiveMachine(fault: .lost).replay(octets, against: LiveMachine())
    #expect(lost.divergences.first?.kind == .missing)
    let other = try LiveMachine().replay(octets, against: LiveMachine(fault: .lost))
    #expect(other.divergences.first?.kind == .unexpected)
    let both = try LiveMachine(fault: .lost).replay(octets, against: LiveMachine(fault: .lost))
    #expect(both.diverged == 0)
  }

  @Test(arguments: ["loopback", "control", "control-late", "cutoff"])
  func `are given as a kernel's network had them`(_ name: String) throws {
    let field = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Corpus/field/\(name).ringtrace")
    let octets = [UInt8](try Data(contentsOf: field))
    let taken = try parse(octets).count { $0.isTaken }
    let report = try LiveMachine().replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.ungiven * 4 <= taken, "\(report.ungiven) of \(taken)")
  }
}

/// What a backend does with a frame for the guest, besides or instead.
enum FrameFault {
  case lost, altered, cut, doubled
  /// It sends one of its own before each.
  case accompanied

  func frames(for frame: NetworkFrame) -> [NetworkFrame] {
    var other = frame
    switch self {
    case .lost: return []
    case .altered:
      other.octets[other.octets.count - 1] ^= 1
      return [other]
    case .cut:
      other.octets.removeLast()
      return [other]
    case .doubled: return [frame, frame]
    case .accompanied:
      other.octets = [UInt8](repeating: 0x33, count: 70)
      other.offload = FrameOffload()
      return [other, frame]
    }
  }
}

extension Recorded {
  fileprivate func count(_ isMeant: (TraceEvent) -> Bool) -> UInt64 {
    UInt64(events.count { isMeant($0.event) })
  }
}

extension TraceEvent {
  fileprivate var isAnswerOnRx: Bool { body.isAnswerOnRx }
}

extension TraceEvent.Body {
  fileprivate var isAnswerOnRx: Bool { if case .rxResponse = self { true } else { false } }
  fileprivate var isTakenFrame: Bool { if case .taken = self { true } else { false } }
}
