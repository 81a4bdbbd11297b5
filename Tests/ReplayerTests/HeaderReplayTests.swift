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

@Suite struct `A trace of a guest with a header area` {
  /// Octets of payload with which a frame is no longer than a header slot.
  private static let inSlot = 70

  @Test(arguments: DataPath.allCases, [nil, 7])
  func `is replayed by each path, from its connection or from the midst of traffic`(
    _ path: DataPath, _ skipped: Int?
  ) throws {
    for order in AnswerOrder.allCases {
      let octets = try record(
        .init(seed: 3, queues: 2, order: order, path: .header, largestPayload: 9000), steps: 20,
        skipping: skipped)
      #expect(try parse(octets).headerSlots > 50)
      let machine = SimulatedMachine(seed: 1)
      let report = try replay(octets, by: path, on: machine)
      #expect(report.diverged == 0, "\(order): \(report.divergences.first.map { "\($0)" } ?? "")")
      #expect(report.matched > 500 && report.frames > 50)
      #expect(machine.counters.holdNothing, "\(machine.counters)")
    }
  }

  @Test(arguments: DataPath.allCases, [UInt32(0), 64])
  func `is replayed where the snap length cut what lay in the area`(
    _ path: DataPath, _ snapLength: UInt32
  ) throws {
    let octets = try record(
      .init(seed: 5, path: .header, largestPayload: 3000), steps: 20, snapLength: snapLength)
    let report = try replay(octets, by: path)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.frames > 30)
  }

  @Test(arguments: DataPath.allCases)
  func `is replayed as somebody saw it who looked on`(_ path: DataPath) throws {
    let recorded = try parse(
      try record(.init(seed: 4, path: .header, largestPayload: Self.inSlot), steps: 20))
    let report = try replay(Observed(recorded).recorded, by: path)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.frames > 30 && report.octets > UInt64(30 * 60))
  }

  @Test func `each file of a ring is replayed by itself`() throws {
    let files = try recordRing(
      .init(seed: 12, path: .header, largestPayload: 3000, usesControlRing: true), steps: 16)
    #expect(files.count > 3)
    for octets in files {
      let report = try replay(octets, by: .header)
      #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    }
  }

  @Test func `leaves to Xen what lies in the area, but by paths that keep it mapped`() throws {
    let octets = try record(.init(seed: 3, path: .header, largestPayload: Self.inSlot), steps: 12)
    let fromGuest = try parse(octets).headerSlots
    let rest = Int(try replay(octets, by: .header).grants.copies)
    for path in DataPath.allCases {
      let report = try replay(octets, by: path)
      #expect(report.diverged == 0)
      let copies = Int(report.grants.copies)
      switch path {
      case .staged, .persistent: #expect(copies == 0)
      case .header: #expect(copies == rest && rest > 0)
      case .copy, .map, .mapLarge, .lazy: #expect(copies == rest + fromGuest)
      }
    }
  }

  @Test(arguments: DataPath.allCases)
  func `is replayed where requests name no slot, or octets beyond its end`(
    _ path: DataPath
  ) throws {
    let guest = try SimulatedGuest(.init(seed: 1, path: .header))
    let octets = try record(guest) { _ in
      try guest.connect()
      guest.fillHeaders()
      let bad: [(UInt32, UInt16, UInt16)] = [
        (256, 0, 60), (.max, 0, 60), (0, 1, 128), (0, 128, 14), (255, 0xffff, 60), (3, 0, 129),
      ]
      for (slot, offset, size) in bad {
        guest.put(slot, offset: offset, size: size)
        guest.put(7, offset: 3, size: 125)
        #expect(try guest.settle() == [.error, .okay])
      }
    }
    let report = try replay(octets, by: path)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.frames == 6)
  }

  @Test(arguments: DataPath.allCases)
  func `is replayed where a packet lies in a page, be it one of the area's`(
    _ path: DataPath
  ) throws {
    let guest = try SimulatedGuest(.init(seed: 1, path: .header))
    let octets = try record(guest, snapLength: 65535) { _ in
      try guest.connect()
      guest.fillHeaders()
      let page = try #require(guest.front.queues[0].headerPages).grants[1]
      guest.put(33, offset: 5, size: 100)
      guest.put(page.rawValue, offset: 100, size: 900, flags: [])
      guest.put(35, offset: 0, size: 128)
      guest.put(guest.front.queues[0].txPages.grant(of: 9).rawValue, offset: 0, size: 70, flags: [])
      #expect(try guest.settle() == [.okay, .okay, .okay, .okay])
    }
    let report = try replay(octets, by: path)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.frames == 4)
    #expect(report.octets == 1198)
  }

  @Test(arguments: [DataPath.copy, .map, .header, .staged])
  func `is compared octet by octet`(_ path: DataPath) throws {
    let recorded = try parse(
      try record(.init(seed: 5, path: .header, largestPayload: 3000), steps: 6))
    var tried = 0
    for number in recorded.events.indices where tried < 4 {
      guard case .delivered = recorded.events[number].event.body else { continue }
      var altered = recorded
      altered.events[number].payload[17] ^= 1
      #expect(try replay(altered, by: path).divergences.first?.kind == .octets(17))
      tried += 1
    }
    #expect(tried == 4)
  }

  /// Xen refuses pages, and a slot is not one: what fails of a page fails of all its slots, in one turn.
  @Test(arguments: DataPath.allCases)
  func `has a copy that failed fail again, and the next ones not`(_ path: DataPath) throws {
    let guest = try SimulatedGuest(.init(seed: 1, path: .header))
    var recorded = try parse(
      try record(guest) { _ in
        try guest.connect()
        guest.fillHeaders()
        for slot: UInt32 in [40, 7, 41] {
          guest.put(slot, offset: 0, size: 90)
          _ = try guest.settle()
        }
      })
    let copy = try #require(
      recorded.events.firstIndex {
        if case .grantCopy(_, .fromGuest, _) = $0.event.body { true } else { false }
      })
    guard case .grantCopy(let operand, let direction, _) = recorded.events[copy].event.body else {
      return
    }
    recorded.events[copy].event.body = .grantCopy(
      operand, direction: direction, status: .generalError)
    let report = try replay(recorded, by: path)
    #expect(report.frames == 2)
    let errors = report.divergences.filter {
      if case .txResponse(_, _, _, .error) = $0.replayed?.body { true } else { false }
    }
    #expect(errors.count == 1)
  }

  @Test(arguments: [
    "", "1,2,3,4,5,6,7", "1,2,3,4,5,6,7,8,9", "1,2,3,x,5,6,7,8", "-1,2,3,4,5,6,7,8",
  ])
  func `is refused where its snapshot names no such area`(_ value: String) throws {
    var recorded = try parse(
      try record(.init(seed: 1, path: .header), steps: 3, skipping: 3))
    let key = try #require(
      recorded.header.vifs[0].keys.firstIndex {
        $0.name == "backend/queue-0/ringside-header-area"
      })
    recorded.header.vifs[0].keys[key].value = value
    #expect(throws: ReplayError.badSnapshot(vif: 0)) { try replay(recorded, by: .copy) }
  }
}

extension Recorded {
  /// Requests that name a slot of a header area.
  fileprivate var headerSlots: Int {
    var walkers: [UInt16: TxSlotWalker] = [:]
    return events.count {
      guard case .slot(.tx, _, let words) = $0.event.body else { return false }
      let slot: SlotWords = [words.w0, words.w1, words.w2, 0]
      return walkers[$0.event.queue, default: TxSlotWalker()].take(slot) == .head
        && TxRequest(words: slot).flags.contains(.headerSlot)
    }
  }
}

extension SimulatedGuest {
  /// Writes other octets into each place of the header area.
  fileprivate func fillHeaders() {
    guard let pages = front.queues[0].headerPages else { return }
    for page in pages.grants.indices {
      let octets = (0..<RingLayout.pageSize).map { UInt8(truncatingIfNeeded: $0 / 7 &+ page * 31) }
      pages.setOctets(octets.span.octets, page: page, at: 0)
    }
  }

  /// Puts a request that names this slot, or page, into the ring.
  fileprivate func put(
    _ name: UInt32, offset: UInt16, size: UInt16, flags: TxFlags = .headerSlot
  ) {
    front.queues[0].tx.put(
      TxRequest(
        grant: GrantReference(rawValue: name), offset: offset, flags: flags, id: 0, size: size))
  }

  /// Publishes what was put, and takes the answers.
  fileprivate func settle() throws -> [NetifStatus] {
    let tx = front.queues[0].tx
    tx.publish()
    _ = machine.loop.run(until: now.advanced(by: 1_000_000)) { false }
    var statuses: [NetifStatus] = []
    while let slot = try tx.takeResponse() { statuses.append(TxResponse(words: slot.words).status) }
    return statuses
  }
}
