import Netback
import Netfront
import Netif
import Recorder
import Replayer
import RingCases
import SimulatedXen
import Testing
import TestSupport
import TraceFormat
import XenInterface
import XenRing

@Suite struct `A replay in front of a live backend` {
  @Test(arguments: AnswerOrder.allCases, [1, 2])
  func `finds that it does what the recorded one did`(_ order: AnswerOrder, _ queues: Int) throws {
    let live = LiveMachine()
    let octets = try record(
      .init(seed: 5, queues: queues, order: order), steps: 12, snapLength: 65535)
    let report = try live.replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.frames > 50 && report.matched > 200)
    #expect(report.octets > 100_000)
    #expect(report.cut < report.matched / 10)
    #expect(live.machine.counters.holdNothing, "\(live.machine.counters)")
  }

  @Test(arguments: DataPath.allCases)
  func `asks no more of it than of any other`(_ path: DataPath) throws {
    let octets = try record(.init(seed: 6), steps: 6, snapLength: 65535)
    let report = try LiveMachine(path: path).replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.matched > 100)
  }

  @Test(arguments: [UInt32(0), 64, 160])
  func `compares frames that the snap length cut by their lengths`(_ snapLength: UInt32) throws {
    let octets = try record(.init(seed: 4), steps: 4, snapLength: snapLength)
    let report = try LiveMachine().replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.frames > 20)
  }

  @Test func `begins in the midst of traffic`() throws {
    var matched: UInt64 = 0
    for octets in try recordRing(.init(seed: 12, order: .completion), steps: 16) {
      let report = try LiveMachine().replay(octets)
      #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
      matched += report.matched
    }
    #expect(matched > 200)
  }

  @Test func `replays a trace as somebody saw it who looked on`() throws {
    let recorded = try parse(try record(.init(seed: 8), steps: 6, snapLength: 128))
    let report = try LiveMachine().replay(Observed(recorded).recorded)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.frames > 10)
  }

  @Test func `connects again where the guest did`() throws {
    let guest = try SimulatedGuest(.init(seed: 5))
    let octets = try record(guest, snapLength: 65535) { _ in
      for _ in 0..<2 {
        try guest.connect()
        for _ in 0..<3 { try guest.step() }
        try guest.close()
      }
    }
    let report = try LiveMachine().replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.frames > 20)
  }

  @Test func `says which events cannot be replayed`() throws {
    let options = SimulatedGuest.Options(seed: 2, queues: 2, usesControlRing: true)
    var recorded = try parse(try record(options, steps: 6, snapLength: 65535))
    let whole = try LiveMachine().replay(recorded)
    #expect(whole.diverged == 0 && whole.notReplayed > 0)
    let middle = recorded.events.count / 2
    let time = recorded.events[middle].event.time
    recorded.events[middle] = (TraceEvent(time: time, origin: .fetched, .gap(lost: 7)), [])
    let report = try LiveMachine().replay(recorded)
    #expect(report.diverged == 0)
    #expect(report.gaps.map(\.lost) == [7])
    #expect(report.matched < whole.matched)
  }
}

@Suite struct `A hostile guest in front of a live backend` {
  @Test(arguments: [false, true])
  func `is cut off as in the trace, seen from beside or by silence alone`(_ isBlind: Bool) throws {
    let report = try LiveMachine(sight: isBlind ? .ring : .frames).replay(try recordViolation())
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.matched > 20)
    #expect((report.frames == 0) == isBlind && (report.unseen > 0) == isBlind)
  }

  @Test func `is refused as in the trace, and goes on`() throws {
    let report = try LiveMachine(profile: .netif).replay(try recordRefusal())
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.matched > 50)
  }

  @Test func `is cut off by a backend that judges by other rules, and that is told`() throws {
    let recorded = try parse(try recordRefusal())
    let refused = try #require(recorded.first(\.isRefusal))
    let report = try LiveMachine(profile: .linux).replay(recorded)
    #expect(report.divergences.map(\.kind) == [.missing, .unexpected])
    #expect(report.divergences.first?.number == refused)
    #expect(report.divergences.last?.replayed?.body == .disabled(rule: 255))
    #expect(report.cut > 10)
  }

  @Test func `goes on with a backend that has the fault, and that is told`() throws {
    let recorded = try parse(try recordViolation())
    let end = try #require(recorded.first { $0 == .disabled(rule: 5) })
    let faulty = LiveMachine { $0.rules.checksPages = false }
    let report = try faulty.replay(recorded)
    #expect(report.divergences.first { $0.kind == .missing }?.number == end)
  }

  @Test func `names references that are no good`() throws {
    let octets = try recordRefusal(grant: GrantReference(rawValue: 0x7fff_fff0), offset: 0)
    let recorded = try parse(octets)
    #expect(recorded.first(\.isRefusal) != nil)
    let report = try LiveMachine(profile: .netif).replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    let faulty = LiveMachine(profile: .netif) { $0.rules.checksGrants = false }
    let first = try faulty.replay(octets).divergences.first
    #expect(first?.kind == .differs && first?.number == recorded.first(\.isRefusal))
  }
}

@Suite struct `A live backend that does something else` {
  private let recorded: Recorded

  init() throws { recorded = try parse(try record(.init(seed: 7), steps: 3, snapLength: 65535)) }

  @Test func `is told of at the answer`() throws {
    var altered = recorded
    let place = try #require(recorded.first(\.isAnswer))
    altered.change(at: place) { body in
      guard case .txResponse(let index, let request, let id, _) = body else { return }
      body = .txResponse(index: index, request: request, id: id, status: .error)
    }
    let report = try LiveMachine().replay(altered)
    #expect(report.divergences.map(\.number) == [place])
    #expect(report.divergences.first?.kind == .differs)
    #expect(report.firstTurn != nil)
  }

  @Test func `is told of at the frame, by its length or its octets`() throws {
    let place = try #require(recorded.first { if case .delivered = $0 { true } else { false } })
    var longer = recorded
    longer.change(at: place) { body in
      guard case .delivered(var frame, let request) = body else { return }
      frame.length += 1
      body = .delivered(frame, request: request)
    }
    #expect(try LiveMachine().replay(longer).divergences.first?.kind == .differs)
    var other = recorded
    other.events[Int(place)].payload[20] ^= 1
    let report = try LiveMachine().replay(other)
    #expect(report.divergences.map(\.kind) == [.content])
    #expect(report.divergences.first?.number == place)
  }

  @Test func `is told of when it answers not at all`() throws {
    let report = try LiveMachine(sight: .nothing).replay(recorded)
    #expect(report.divergences.first?.kind == .missing)
    #expect(report.divergences.contains { $0.replayed?.body == .disabled(rule: 255) })
  }

  @Test func `leaves no keys, also where the trace is corrupt or nobody takes the vif`() throws {
    var octets = try recorded.octets()
    for place in octets.indices.dropFirst(octets.count / 2).prefix(64) { octets[place] ^= 0xff }
    let corrupt = LiveMachine()
    #expect(throws: LiveReplayError.self) { try corrupt.replay(octets) }
    let alone = LiveMachine(sight: .nobody)
    let state = NetfrontError.wrongState(seen: .initialising, wanted: .initWait)
    #expect(throws: LiveReplayError.vif(.frontend(state))) { try alone.replay(recorded) }
    for machine in [corrupt.machine, alone.machine] {
      let store = machine.connect(.control).store
      for end in ["0/backend/vif/5/0", "5/device/vif/0"] {
        #expect(store.value("/local/domain/" + end + "/state") == nil)
      }
    }
  }

  @Test func `has to offer what the guest used`() throws {
    let octets = try record(.init(seed: 3, path: .header), steps: 3)
    let report = try LiveMachine(path: .header).replay(octets)
    #expect(report.diverged == 0 && report.frames > 5)
    #expect(throws: LiveReplayError.noHeaderArea) { try LiveMachine().replay(octets) }
  }
}

@Suite struct `A vif that a guest was given` {
  @Test func `is played on again and again, and stays`() throws {
    let (machine, path, vif) = try LiveMachine.given()
    defer { vif.backend.removed(path) }
    let octets = try record(.init(seed: 5), steps: 4, snapLength: 65535)
    for _ in 0..<2 {
      let report = try LiveReplayer { _ in vif }.replay(MemorySource(octets))
      #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
      #expect(report.frames > 20)
      #expect(machine.connect(.control).store.state(of: path.frontend) == .closed)
    }
  }

  @Test func `is not made anew for what needs another`() throws {
    let (_, path, vif) = try LiveMachine.given()
    defer { vif.backend.removed(path) }
    #expect(throws: CaseError.needsOwnVif) { try vif.open(backendKeys: ["rate": "1000,1000"]) }
  }
}

@Suite struct `Two live backends` {
  private let octets: [UInt8]

  init() throws {
    octets = try record(.init(seed: 7, queues: 2, order: .completion), steps: 4, snapLength: 64)
  }

  @Test(arguments: DataPath.allCases)
  func `are the same whichever way data comes to them`(_ path: DataPath) throws {
    let report = try LiveMachine(path: path).replay(octets, against: LiveMachine())
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.frames > 20 && report.octets > 10_000)
  }

  @Test func `are compared with each other, whatever the trace says`() throws {
    var recorded = try parse(octets)
    let place = try #require(recorded.first(\.isAnswer))
    recorded.change(at: place) { body in
      guard case .txResponse(let index, let request, let id, _) = body else { return }
      body = .txResponse(index: index, request: request, id: id, status: .error)
    }
    let report = try LiveMachine().replay(try recorded.octets(), against: LiveMachine())
    #expect(report.diverged == 0)
  }

  @Test func `differ where they judge by other rules`() throws {
    let refusal = try recordRefusal()
    let linux = LiveMachine(profile: .linux)
    let report = try linux.replay(refusal, against: LiveMachine(profile: .netif))
    #expect(report.divergences.map(\.kind) == [.missing, .unexpected])
    #expect(report.divergences.last?.replayed?.body == .disabled(rule: 255))
    let other = try LiveMachine(profile: .netif).replay(
      refusal, against: LiveMachine(profile: .linux))
    #expect(other.divergences.map(\.kind) == [.missing, .unexpected])
    #expect(other.divergences.first?.recorded?.body == .disabled(rule: 255))
  }

  @Test func `are compared as far as both can be seen`() throws {
    let report = try LiveMachine().replay(octets, against: LiveMachine(sight: .ring))
    #expect(report.diverged == 0 && report.frames == 0 && report.unseen > 0)
  }
}

/// Records a guest that does what the protocol forbids with a packet, and is told so.
private func recordRefusal(
  grant: GrantReference? = nil, offset: UInt16 = 4000
) throws -> [UInt8] {
  let guest = try SimulatedGuest(.init(seed: 2, profile: .netif))
  let frames = (0..<12).map { [UInt8](repeating: $0, count: 60 + 400 * Int($0)) }
  return try record(guest, snapLength: 65535) { _ in
    try guest.connect()
    try guest.send(frames)
    guest.breakRules(grant: grant, offset: offset)
    _ = guest.machine.loop.run(until: guest.now.advanced(by: 1_000_000)) { false }
    #expect(try guest.front.queues[0].tx.takeResponse() != nil)
    try guest.send(frames)
  }
}

extension Recorded {
  mutating func change(
    at number: UInt64, _ change: (inout TraceEvent.Body) -> Void
  ) {
    change(&events[Int(number)].event.body)
  }
}

extension TraceEvent.Body {
  /// Whether a request was answered.
  fileprivate var isAnswer: Bool {
    if case .txResponse(_, _, _, let status) = self { status != .null } else { false }
  }

  /// Whether a request was refused.
  fileprivate var isRefusal: Bool {
    if case .txResponse(_, _, _, .error) = self { true } else { false }
  }
}
