import Netback
import Netfront
import Netif
import Recorder
import Replayer
import SimulatedXen
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct ControlReplayTests {
  private static func options(_ seed: UInt64) -> SimulatedGuest.Options {
    .init(seed: seed, queues: 3, largestPayload: 3000, usesControlRing: true)
  }

  @Test(arguments: [UInt64(1), 2, 3], [nil, 9])
  func `control messages are replayed without a difference`(
    _ seed: UInt64, _ skipped: Int?
  ) throws {
    let octets = try record(Self.options(seed), steps: 40, skipping: skipped, snapLength: 160)
    let recorded = try parse(octets)
    #expect(recorded.answers(status: 0) > 10 && recorded.answers(status: 2) > 3)
    #expect(recorded.hashedFrames > 10)
    let report = try replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    // What is left are keys and states.
    #expect(report.notReplayed == UInt64(recorded.storeEvents))
  }

  @Test func `a trace that begins when hashing is set up starts with what was set`() throws {
    let recorded = try parse(try record(Self.options(2), steps: 1, skipping: 40))
    let vif = try #require(recorded.header.vifs.first)
    #expect(vif.control?.requestConsumer.rawValue ?? 0 > 20)
    #expect(vif.hash.algorithm == 1 && vif.hash.types != 0)
    #expect(!vif.hash.key.isEmpty && !vif.hash.mapping.isEmpty)
  }

  @Test func `each file of a ring is replayed by itself`() throws {
    let files = try recordRing(Self.options(5), steps: 40)
    #expect(files.count > 3)
    for octets in files {
      let report = try replay(octets)
      #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    }
  }

  @Test(arguments: [UInt64(1), 7])
  func `what was seen from outside is replayed without a difference`(_ seed: UInt64) throws {
    var options = Self.options(seed)
    options.order = .completion
    let recorded = try parse(try record(options, steps: 30, snapLength: 300))
    let observed = Observed(recorded).recorded
    let report = try replay(observed, on: SimulatedMachine(seed: 1))
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(observed.answers(status: 0) > 10 && observed.hashedFrames > 10)
  }

  @Test func `without a control ring in its snapshot a trace is replayed as before`() throws {
    var recorded = try parse(try record(Self.options(1), steps: 20, skipping: 5, snapLength: 160))
    recorded.header.vifs[0].control = nil
    let report = try replay(recorded, on: SimulatedMachine(seed: 1))
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.notReplayed > 20)
  }

  /// A guest that claims more messages than its control ring holds.
  static func recordExcessiveClaim() throws -> [UInt8] {
    let guest = try SimulatedGuest(Self.options(4))
    return try record(guest) { _ in
      try guest.connect()
      for _ in 0..<4 { try guest.step() }
      let ring = try #require(guest.front.control).ring
      ring.publish(claiming: ring.requestProducer.advanced(by: 200), .always)
      _ = guest.machine.loop.run(until: guest.now.advanced(by: 1_000_000)) { false }
      try guest.step()
    }
  }

  @Test func `a guest that is cut off for its control ring is so in the replay`() throws {
    let octets = try Self.recordExcessiveClaim()
    let recorded = try parse(octets)
    #expect(
      recorded.events.contains { if case .disabled = $0.event.body { true } else { false } })
    let report = try replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
  }

  @Test(arguments: [false, true])
  func `every altered field of a control message is reported where it is`(
    _ isObserved: Bool
  ) throws {
    var recorded = try parse(
      try record(Self.options(6), steps: 8, skipping: 30, snapLength: 160))
    if isObserved { recorded = Observed(recorded).recorded }
    let machine = SimulatedMachine(seed: 1)
    let polls = recorded.controlPolls
    #expect(polls.count > 3)
    var tried: Set<String> = []
    for alteration in Alterations(recorded).all {
      guard let poll = polls.first(where: { $0.contains(alteration.number) }),
        !isObserved || alteration.isSeenFromOutside
      else { continue }
      machine.reset(seed: 1)
      var altered = recorded
      altered.events[alteration.number] = (alteration.event, alteration.payload)
      let report = try replay(altered, on: machine)
      let isPlaced = report.divergences.contains {
        $0.number >= UInt64(poll.lowerBound) && $0.number <= UInt64(poll.upperBound)
      }
      #expect(isPlaced || alteration.field.hasSuffix(".queue"), "\(alteration)")
      #expect(report.diverged > 0, "\(alteration)")
      tried.insert(alteration.field)
    }
    #expect(tried.count > 25, "\(tried.sorted())")
  }

  @Test func `a frame in another queue or with another hash is reported`() throws {
    let recorded = try parse(
      try record(Self.options(6), steps: 8, skipping: 30, snapLength: 160))
    let machine = SimulatedMachine(seed: 1)
    var tried = 0
    for alteration in Alterations(recorded).all where alteration.field.hasPrefix("taken.hash") {
      machine.reset(seed: 1)
      var altered = recorded
      altered.events[alteration.number] = (alteration.event, alteration.payload)
      let report = try replay(altered, on: machine)
      #expect(report.divergences.contains { $0.number == UInt64(alteration.number) })
      tried += 1
    }
    #expect(tried > 8)
  }

  @Test(arguments: [0, 17, 39], [false, true])
  func `an altered key or mapping is told by the frames behind it`(
    _ octet: Int, _ isMapping: Bool
  ) throws {
    var recorded = try Self.recordFlows()
    let place = try #require(
      recorded.events.indices.first { place in
        guard case .memory(let operand) = recorded.events[place].event.body else { return false }
        return (operand.length == 40) != isMapping
      })
    #expect(try replay(recorded, on: SimulatedMachine(seed: 1)).diverged == 0)
    recorded.events[place].payload[isMapping ? octet / 4 * 4 : octet] ^= isMapping ? 1 : 0x80
    let report = try replay(recorded, on: SimulatedMachine(seed: 1))
    let first = try #require(report.divergences.first)
    guard case .taken(let frame)? = first.recorded?.body,
      case .taken(let right)? = first.replayed?.body
    else {
      Issue.record("\(first)")
      return
    }
    #expect((frame.offload.hash == right.offload.hash) == isMapping)
    #expect(!isMapping || first.recorded?.queue != first.replayed?.queue)
  }

  /// Linux tells of a control message when its call ends; until then frames are hashed by it already.
  @Test(arguments: [0, 1])
  func `frames seen before the call ends that set their hash are judged by it`(
    _ changedBit: UInt8
  ) throws {
    var recorded = try Self.recordFlows()
    recorded.header.source = .kernelTap
    let setting = try #require(recorded.controlPolls.first)
    recorded.events = recorded.events.indices.filter { place in
      setting.contains(place) || recorded.events[place].event.isTaken
    }.map { recorded.events[$0] }
    recorded.events.removeAll { $0.event.isUnseen }
    for place in recorded.events.indices { recorded.events[place].event.origin = .observed }
    let poll = try #require(recorded.controlPolls.first)
    let events = Array(recorded.events[poll])
    let frames = recorded.events.indices.filter { recorded.events[$0].event.isTaken }
    recorded.events.insert(contentsOf: events, at: frames[20])
    recorded.events.removeSubrange(poll)
    let first = try #require(recorded.events.firstIndex { $0.event.isTaken })
    recorded.events[first].payload[40] ^= changedBit
    let report = try replay(recorded, on: SimulatedMachine(seed: 1))
    #expect(report.divergences.map(\.number) == (changedBit == 0 ? [] : [UInt64(first)]))
  }

  /// Records a guest that sets hashing up, and frames of many flows for it.
  static func recordFlows() throws -> Recorded {
    let guest = try SimulatedGuest(
      .init(seed: 3, queues: 2, largestPayload: 100, usesControlRing: true))
    let files = MemoryFiles()
    try guest.connect()
    let page = try guest.front.xen.allocator.share(1, with: .control, access: .readOnly)
    let list = try guest.front.xen.allocator.share(1, with: .control, access: .readOnly)
    let recorder = try TapRecorder(
      [guest.device], describedBy: .init(clock: .simulated), into: files, now: guest.now)
    let octets = (0..<40).map { UInt8(truncatingIfNeeded: 7 + $0 * 53) }
    page.setOctets(octets.span.octets, page: 0, at: 0)
    let mapping: [UInt8] = (0..<20 as Range<UInt8>).flatMap { [$0 % 2, 0, 0, 0] as [UInt8] }
    list.setOctets(mapping.span.octets, page: 0, at: 0)
    let ring = try #require(guest.front.control).ring
    let messages: [(ControlMessage, UInt32, UInt32)] = [
      (.setHashAlgorithm, 1, 0), (.setHashFlags, 15, 0), (.setHashKey, page.grants[0].rawValue, 40),
      (.setHashMappingSize, 20, 0), (.setHashMapping, list.grants[0].rawValue, 20),
    ]
    for (message, data0, data1) in messages {
      ring.put(ControlRequest(id: 1, type: message.rawValue, data0: data0, data1: data1))
    }
    ring.publish()
    _ = guest.machine.loop.run(until: guest.now.advanced(by: 1_000_000)) { false }
    for flow in 0..<200 as Range<UInt8> {
      let frame =
        [UInt8](repeating: 2, count: 12) + [0x86, 0xdd, 0x60, 0, 0, 0, 0, 20, 6, 64]
        + [UInt8](repeating: 0xfd, count: 32) + [flow, flow &* 3, 0x55, 0x7f]
        + [UInt8](repeating: 0, count: 16)
      _ = guest.device.vif.send(
        frame.span.octets, offload: FrameOffload(), queue: 0, now: guest.now)
    }
    _ = try recorder.finish()
    return try parse(try #require(files.contents.first).octets)
  }
}

extension Alteration {
  /// Whether somebody who looks on sees it at all.
  fileprivate var isSeenFromOutside: Bool {
    switch event.body {
    case .pollBegin, .requestProducer, .responseProducer, .notification, .eventIndex: false
    default: true
    }
  }
}

extension TraceEvent {
  /// Whether nobody sees it who looks on from outside.
  fileprivate var isUnseen: Bool {
    switch body {
    case .eventIndex, .notification: true
    default: false
    }
  }
}

extension Recorded {
  func answers(status: UInt32) -> Int {
    count { if case .controlResponse(_, _, status, _) = $0 { true } else { false } }
  }

  var hashedFrames: Int {
    count { if case .taken(let frame) = $0 { frame.offload.hash != nil } else { false } }
  }

  var storeEvents: Int {
    count {
      switch $0 {
      case .key, .state, .note: true
      default: false
      }
    }
  }

  /// The places of each poll of the control ring.
  var controlPolls: [ClosedRange<Int>] {
    var polls: [ClosedRange<Int>] = []
    var start = 0
    for place in events.indices {
      switch events[place].event.body {
      case .pollBegin(.control, _): start = place
      case .pollEnd(.control, _, _, _): polls.append(start...place)
      default: break
      }
    }
    return polls
  }

  private func count(_ isMeant: (TraceEvent.Body) -> Bool) -> Int {
    events.reduce(0) { $0 + (isMeant($1.event.body) ? 1 : 0) }
  }
}
