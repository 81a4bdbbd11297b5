import Netback
import Netif
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@testable import KernelTap
@testable import Recorder

/// What the kernel tap hands over, made up, and the events that become of it.
@Suite struct KernelEventsTests {
  @Test func `events stand behind the snapshots of all queues`() {
    let tap = MadeUpTap(queues: 2)
    tap.begin(1)
    tap.feed(0, .txSnapshot(tap.tx(1)))
    tap.feed(0, .rxSnapshot(tap.rx(1)))
    tap.feed(0, tap.poll)
    #expect(tap.kinds == [])
    tap.feed(1, .txSnapshot(tap.tx(1)))
    tap.feed(1, .rxSnapshot(tap.rx(1)))
    #expect(tap.kinds == ["connected", "snapshot", "pollBegin", "requestProducer"])
    #expect(tap.events.isReady && !tap.events.wantsRound)
    #expect(tap.lost == 0)
  }

  @Test func `after a gap events stand behind new snapshots, and what came between is counted`() {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.snapshots(1)
    tap.feed(0, .gap(lost: 5))
    #expect(tap.lost == 5 && tap.events.wantsRound)
    tap.feed(0, tap.poll)
    tap.feed(0, .releases(TapReleases(first: 0, pendingIndices: [1])))
    #expect(tap.lost == 7 && tap.events.unplaced == 2)
    tap.begin(2)
    tap.snapshots(2)
    tap.feed(0, tap.poll)
    #expect(tap.kinds == ["connected", "snapshot", "snapshot", "pollBegin", "requestProducer"])
    #expect(tap.lost == 7)
  }

  @Test func `a round that has begun ends the gap that comes after it`() {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.snapshots(1)
    tap.begin(2)
    tap.feed(0, tap.poll)
    tap.feed(0, .gap(lost: 5))
    #expect(!tap.events.wantsRound)
    tap.snapshots(2)
    #expect(tap.kinds == ["connected", "snapshot", "pollBegin", "requestProducer", "snapshot"])
    #expect(tap.events.unplaced == 0)
  }

  @Test func `snapshots of an earlier round are not taken`() {
    let tap = MadeUpTap(queues: 2)
    tap.begin(1)
    tap.feed(0, .txSnapshot(tap.tx(1)))
    tap.feed(0, .rxSnapshot(tap.rx(1)))
    tap.begin(2)
    tap.feed(1, .txSnapshot(tap.tx(1)))
    tap.feed(1, .rxSnapshot(tap.rx(1)))
    #expect(!tap.events.isReady)
  }

  @Test func `a ring that has a second snapshot before the others have one begins with that`() {
    let tap = MadeUpTap(queues: 2)
    tap.begin(1)
    tap.feed(0, .txSnapshot(tap.tx(1)))
    tap.feed(0, tap.poll)
    tap.feed(0, .rxSnapshot(tap.rx(1)))
    tap.feed(0, .txSnapshot(tap.tx(1)))
    tap.feed(1, .txSnapshot(tap.tx(1)))
    tap.feed(1, .rxSnapshot(tap.rx(1)))
    #expect(tap.kinds == ["connected", "snapshot"])
  }

  @Test func `a second snapshot of a ring among events needs a new round`() {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.snapshots(1)
    tap.feed(0, .txSnapshot(tap.tx(1)))
    tap.feed(0, tap.poll)
    #expect(!tap.events.isReady && tap.events.wantsRound && tap.events.unplaced == 1)
    tap.begin(2)
    tap.snapshots(2)
    #expect(tap.kinds == ["connected", "snapshot", "snapshot"])
  }

  @Test func `a snapshot that did not hold leaves nothing behind`() {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.feed(0, .nothing)
    tap.snapshots(1)
    tap.feed(0, .nothing)
    #expect(tap.kinds == ["connected", "snapshot"])
    #expect(tap.lost == 0 && tap.events.unplaced == 0 && !tap.events.wantsRound)
  }

  @Test func `a snapshot in the midst of an answer is not taken`() {
    let tap = MadeUpTap()
    tap.begin(1)
    var torn = tap.tx(1, underWay: 2)
    torn.pending.removeLast()
    tap.feed(0, .txSnapshot(torn))
    tap.feed(0, .rxSnapshot(tap.rx(1)))
    #expect(tap.kinds == [] && tap.events.wantsRound)
    tap.begin(2)
    tap.feed(0, .txSnapshot(tap.tx(2, underWay: 2)))
    tap.feed(0, .rxSnapshot(tap.rx(2)))
    #expect(tap.kinds == ["connected", "snapshot"])
    #expect(tap.lost == 0)
  }

  @Test func `an answer that the snapshot has already is passed over`() {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.snapshots(1, underWay: 1)
    tap.feed(0, .response(tap.answer(id: 77, isLate: true)))
    tap.feed(0, .response(tap.answer(id: 0)))
    tap.events.finish()
    #expect(tap.kinds == ["connected", "snapshot", "txResponse", "responseProducer"])
    #expect(tap.lost == 0)
  }

  @Test func `an answer to a request that nobody saw is a gap`() {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.snapshots(1)
    tap.feed(0, .response(tap.answer(id: 77)))
    tap.feed(0, tap.poll)
    #expect(tap.kinds == ["connected", "snapshot"])
    #expect(tap.lost == 2 && tap.events.unplaced == 2 && tap.events.wantsRound)
  }

  @Test(
    arguments: [
      (0, 9, 0, "grant 8 id 0 flags 0 became grant 9 id 0 flags 0"),
      (5, 8, 0, "grant 8 id 0 flags 0 became grant 8 id 5 flags 0"),
      (0, 8, 4, "grant 8 id 0 flags 0 became grant 8 id 0 flags 4"),
    ] as [(UInt32, UInt32, UInt32, String)])
  func `what a guest changes in a slot after publishing it is noted`(
    _ id: UInt32, _ grant: UInt32, _ flags: UInt32, _ change: String
  ) {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.snapshots(1, underWay: 1)
    tap.feed(0, .response(tap.answer(id: id, grant: grant, flags: flags)))
    tap.events.finish()
    #expect(tap.kinds == ["connected", "snapshot", "note", "txResponse", "responseProducer"])
    #expect(tap.notes == ["the guest changed TX slot 99 after publishing it: " + change])
    #expect(tap.lost == 0)
  }

  @Test func `a further file begins with the rings as they stand`() throws {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.snapshots(1, underWay: 2)
    #expect(tap.events.canBeginFile)
    tap.feed(0, tap.poll)
    tap.feed(0, .txSlots(tap.slots(100..<103)))
    tap.feed(0, .response(tap.answer(id: 0)))
    #expect(!tap.events.canBeginFile)
    tap.feed(0, tap.pollEnd(taken: 102))
    #expect(tap.events.canBeginFile)
    tap.events.beginFile()
    let queue = try #require(tap.snapshots.last?.queues.first)
    #expect(tap.kinds.suffix(2) == ["connected", "snapshot"])
    #expect(queue.tx.requestConsumer.rawValue == 102 && queue.tx.requestProducer.rawValue == 103)
    #expect(queue.tx.responseProducer.rawValue == 99)
    #expect(queue.unanswered.map(\.request.id) == [1, 100, 101])
    #expect(queue.txSlots.map(\.index.rawValue) == [102])
    #expect(queue.remainingCredit == 77)
  }

  @Test func `a file that goes on from another begins with the rings, and no connection`() {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.snapshots(1, underWay: 2)
    tap.events.beginFile(saysConnection: false)
    #expect(tap.kinds == ["connected", "snapshot", "snapshot"])
  }

  @Test func `a file may begin where what is under way is given up, up to the next snapshots`() {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.snapshots(1)
    tap.feed(0, tap.poll)
    #expect(!tap.events.canBeginFile)
    tap.events.lose()
    #expect(tap.events.canBeginFile && tap.events.wantsRound)
    tap.events.beginFile(saysConnection: false)
    tap.feed(0, tap.pollEnd(taken: 100))
    #expect(tap.lost == 1)
    tap.begin(2)
    tap.snapshots(2)
    #expect(tap.kinds == ["connected", "snapshot", "pollBegin", "requestProducer", "snapshot"])
  }

  @Test func `a further file begins with the multicast list as it stands`() throws {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.snapshots(1)
    let (one, two, three) = (MACAddress(bits: 1), MACAddress(bits: 2), MACAddress(bits: 3))
    let packets: [([ExtraInfo], status: Int16)] = [
      ([.multicastAdd(one)], 0), ([.multicastAdd(two), .multicastDelete(one)], 0),
      ([.multicastDelete(three)], 0), ([.multicastAdd(three)], -1), ([.multicastAdd(one)], 0),
      ([.multicastDelete(one)], 0),
    ]
    tap.feed(0, tap.poll)
    var (next, id) = (UInt32(100), UInt32(0))
    var lists: [[MACAddress]] = []
    for packet in packets {
      let slots = tap.packet(id: id, at: next, packet.0)
      tap.feed(0, .txSlots(slots))
      tap.feed(0, .response(tap.answer(id: id, flags: 8, status: packet.status)))
      next += UInt32(slots.count)
      id += 1
      tap.feed(0, tap.pollEnd(taken: next))
      tap.events.beginFile()
      lists.append(try #require(tap.snapshots.last).multicast)
      tap.feed(0, tap.poll)
    }
    #expect(
      lists == [[one], [one, two], [one, two], [one, two], [one, two, one], [two, one]])
    #expect(tap.lost == 0)
  }

  @Test func `no file begins between a frame for the guest and its answer`() throws {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.snapshots(1)
    tap.feed(0, .rxRequests(tap.slots(0..<3, words: 2)))
    tap.feed(0, .taken(tap.frame(at: 0)))
    #expect(!tap.events.canBeginFile)
    tap.feed(0, .rxFlush(tap.flush(0..<2)))
    #expect(tap.events.canBeginFile)
    tap.events.beginFile()
    let queue = try #require(tap.snapshots.last?.queues.first)
    #expect(queue.rx.requestConsumer.rawValue == 2 && queue.rx.requestProducer.rawValue == 3)
    #expect(queue.rxSlots.map(\.index.rawValue) == [2])
  }

  @Test func `nothing begins without the control ring's snapshot where it is watched`() {
    let tap = MadeUpTap(watchesControl: true)
    tap.begin(1)
    tap.snapshots(1)
    #expect(tap.kinds == [])
    tap.feed(nil, .controlSnapshot(tap.control(2)))
    #expect(tap.kinds == [])
    tap.feed(nil, .controlSnapshot(tap.control(1)))
    #expect(tap.kinds == ["connected", "snapshot"])
    let vif = tap.snapshots[0]
    #expect(vif.control?.requestConsumer.rawValue == 40 && vif.hash.mapping == [1, 0])
    #expect(vif.hash.algorithm == 1 && vif.hash.types == 3 && vif.hash.key.first == 9)
  }

  @Test func `the messages of a call stand together, each with its copies and its answer`() {
    let tap = MadeUpTap(watchesControl: true)
    tap.begin(1)
    tap.snapshots(1)
    tap.feed(nil, .controlSnapshot(tap.control(1)))
    tap.feed(nil, .controlRequests(tap.messages(40, [[7 << 16 | 1, 1, 0, 0]])))
    tap.feed(nil, .controlRequests(tap.messages(41, [[6 << 16 | 2, 8, 2, 0]])))
    #expect(!tap.events.canBeginFile)
    tap.feed(0, tap.poll)
    tap.feed(nil, .controlCopies(tap.copies(41)), octets: [1, 0, 0, 0, 1, 0, 0, 0])
    #expect(tap.kinds.suffix(2) == ["pollBegin", "requestProducer"])
    tap.feed(
      nil, .controlAnswers(tap.messages(40, [[7 << 16 | 1, 0, 0, 0], [6 << 16 | 2, 0, 0, 0]])))
    #expect(
      tap.kinds.suffix(11) == [
        "pollBegin", "requestProducer", "slot", "controlResponse", "slot", "grantCopy", "grantCopy",
        "memory", "controlResponse", "responseProducer", "pollEnd",
      ])
    tap.feed(0, tap.pollEnd(taken: 100))
    #expect(tap.events.canBeginFile && tap.lost == 0)
    tap.events.beginFile()
    #expect(tap.snapshots.last?.hash.mapping == [1, 1])
    #expect(tap.snapshots.last?.control?.requestConsumer.rawValue == 42)
  }

  @Test func `a message that was seen too late is told by its answer, and noted`() {
    let tap = MadeUpTap(watchesControl: true)
    tap.begin(1)
    tap.snapshots(1)
    tap.feed(nil, .controlSnapshot(tap.control(1)))
    tap.feed(nil, .controlAnswers(tap.messages(40, [[4 << 16 | 1, 0, 128, 0]])))
    #expect(
      tap.kinds == [
        "connected", "snapshot", "note", "pollBegin", "requestProducer", "slot", "controlResponse",
        "responseProducer", "pollEnd",
      ])
  }

  @Test func `answers of which some are missing are a gap`() {
    let tap = MadeUpTap(watchesControl: true)
    tap.begin(1)
    tap.snapshots(1)
    tap.feed(nil, .controlSnapshot(tap.control(1)))
    tap.feed(nil, .controlAnswers(tap.messages(41, [[4 << 16 | 1, 0, 128, 0]])))
    #expect(tap.kinds == ["connected", "snapshot"])
    #expect(tap.lost == 1 && tap.events.wantsRound && !tap.events.isReady)
  }

  @Test func `a frame's own hash is told, with the type that its protocol gives it`() {
    let tap = MadeUpTap()
    tap.begin(1)
    tap.snapshots(1)
    let kinds: [(UInt16, Bool)] = [
      (0x0800, false), (0x0800, true), (0x86dd, false), (0x86dd, true),
    ]
    for (number, coversPorts) in kinds {
      var frame = tap.frame(at: 0)
      frame.hash = TapHash(value: 7, protocolNumber: number, coversPorts: coversPorts)
      tap.feed(0, .taken(frame))
    }
    #expect(tap.hashes == (0..<4).map { FlowHash(value: 7, type: $0) })
  }

  @Test func `queues that connect one after the other begin together`() {
    let tap = MadeUpTap(queues: 2)
    tap.begin(1)
    for queue: UInt16 in [0, 1] {
      tap.feed(queue, .connected(result: 0))
      tap.feed(queue, .txSnapshot(tap.tx(1)))
      tap.feed(queue, .rxSnapshot(tap.rx(1)))
    }
    #expect(tap.kinds == ["connected", "snapshot"])
    tap.feed(nil, .disconnected(queues: 2))
    #expect(tap.kinds == ["connected", "snapshot", "disconnected"])
  }
}
