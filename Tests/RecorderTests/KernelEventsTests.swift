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

/// A tap that sees what it is told.
private final class MadeUpTap: TraceReceiver {
  private(set) var kinds: [String] = []
  private(set) var notes: [String] = []
  private(set) var snapshots: [VifSnapshot] = []
  private(set) var hashes: [FlowHash] = []
  private(set) var lost: UInt64 = 0
  private let queues: UInt32
  private var sequence: UInt64 = 0
  private var made: KernelEvents?

  private let watchesControl: Bool

  init(queues: UInt32 = 1, watchesControl: Bool = false) {
    self.queues = queues
    self.watchesControl = watchesControl
  }

  var events: KernelEvents {
    if let made { return made }
    let events = KernelEvents(
      domain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0),
      watchesControl: watchesControl, receiver: self,
      lost: { [unowned self] in lost += $0 })
    made = events
    return events
  }

  func receive(_ event: TraceEvent, payload: RawSpan) {
    kinds.append(String("\(event.body)".prefix { $0 != "(" }))
    if case .taken(let frame) = event.body, let hash = frame.offload.hash { hashes.append(hash) }
    if case .note = event.body {
      notes.append(
        String(decoding: (0..<payload.byteCount).map { payload.octet(at: $0) }, as: UTF8.self))
    }
    if case .snapshot = event.body, let snapshot = try? VifSnapshot(encoded: payload) {
      snapshots.append(snapshot)
    }
  }

  func begin(_ round: UInt32) { events.expect(round: round) }

  func feed(_ queue: UInt16?, _ body: TapRecord.Body, octets: [UInt8] = []) {
    sequence += 1
    events.take(
      TapRecord(
        sequence: sequence, time: MonotonicInstant(nanoseconds: sequence), queue: queue,
        processor: 0, body: body, octets: octets))
  }

  func control(_ round: UInt32) -> TapControlSnapshot {
    TapControlSnapshot(
      round: round, ring: ring(taken: 40, answered: 40), algorithm: 1, types: 3,
      key: [UInt8](repeating: 9, count: 40), mapping: [1, 0])
  }

  func messages(_ first: UInt32, _ words: [[UInt32]]) -> TapControlSlots {
    let end = first + UInt32(words.count)
    return TapControlSlots(
      ring: ring(taken: end, answered: Int(end)),
      slots: TapSlots(
        first: RingIndex(rawValue: first), wordsPerSlot: 4, words: words.flatMap { $0 }))
  }

  /// Two copies of four octets each, of a page of the guest's.
  func copies(_ index: UInt32) -> TapControlCopies {
    let copies = [0, 4].map { offset in
      TapCopy(
        source: TapCopyOperand(
          grant: GrantReference(rawValue: 8), domain: DomainID(rawValue: 1), offset: offset),
        destination: TapCopyOperand(grant: nil, domain: DomainID(rawValue: 0), offset: 0),
        length: 4, status: 0, contents: 0..<0)
    }
    return TapControlCopies(index: RingIndex(rawValue: index), copies: copies, contents: 0..<8)
  }

  func snapshots(_ round: UInt32, underWay: Int = 0) {
    feed(0, .txSnapshot(tx(round, underWay: underWay)))
    feed(0, .rxSnapshot(rx(round)))
  }

  /// A ring with so many requests under way, of ids from 0 on.
  func tx(_ round: UInt32, underWay: Int = 0) -> TapTxSnapshot {
    let pending = (0..<underWay).map {
      TapPending(
        pendingIndex: UInt16($0), request: [8, 0, 64 << 16 | UInt32($0)], extras: 0, mapping: nil)
    }
    return TapTxSnapshot(
      isTorn: false, round: round, vif: vif, ring: ring(taken: 100, answered: 100 - underWay),
      pending: pending, releases: 0..<0, remainingCredit: .max, creditBytes: .max,
      creditMicroseconds: 0, isRateLimited: false,
      slots: TapSlots(first: RingIndex(rawValue: 100), wordsPerSlot: 3, words: []))
  }

  func rx(_ round: UInt32) -> TapRxSnapshot {
    TapRxSnapshot(
      round: round, ring: ring(taken: 0, answered: 0), queuedFrames: 0, queuedOctets: 0,
      isStalled: false,
      slots: TapSlots(first: RingIndex(rawValue: 0), wordsPerSlot: 2, words: []))
  }

  var poll: TapRecord.Body {
    .pollBegin(
      TapPoll(
        ring: ring(taken: 100, answered: 100), remainingCredit: .max, packets: 64,
        isRateLimited: false,
        slots: TapSlots(first: RingIndex(rawValue: 100), wordsPerSlot: 3, words: [])))
  }

  func pollEnd(taken: UInt32) -> TapRecord.Body {
    .pollEnd(
      TapPoll(
        ring: ring(taken: taken, answered: 99), remainingCredit: 77, packets: 2,
        isRateLimited: false,
        slots: TapSlots(first: RingIndex(rawValue: 103), wordsPerSlot: 3, words: [])))
  }

  /// Slots of one page, their ids their indices.
  func slots(_ indices: Range<UInt32>, words: Int = 3) -> TapSlots {
    TapSlots(
      first: RingIndex(rawValue: indices.lowerBound), wordsPerSlot: words,
      words: indices.flatMap { Array([8, 0, 64 << 16 | $0][..<words]) })
  }

  func frame(at index: UInt32) -> TapFrame {
    TapFrame(
      length: 5000, index: RingIndex(rawValue: index), segmentSize: 0, segmentType: 0, checksum: 0,
      fragments: 0, isPartial: false, contents: 0..<0)
  }

  func flush(_ answered: Range<UInt32>) -> TapRxFlush {
    TapRxFlush(
      requestConsumer: RingIndex(rawValue: answered.upperBound),
      responses: slots(answered, words: 2), copies: [])
  }

  func answer(
    id: UInt32, grant: UInt32 = 8, flags: UInt32 = 0, isLate: Bool = false
  ) -> TapResponse {
    TapResponse(
      index: RingIndex(rawValue: 99), extras: 0, pendingIndex: 0, status: 0,
      request: [grant, flags << 16, 64 << 16 | id], isLate: isLate)
  }

  private func ring(taken: UInt32, answered: Int) -> TapRing {
    TapRing(
      requestProducer: RingIndex(rawValue: taken), requestEvent: RingIndex(rawValue: taken),
      responseProducer: RingIndex(rawValue: UInt32(answered)),
      responseEvent: RingIndex(rawValue: UInt32(answered)),
      requestConsumer: RingIndex(rawValue: taken),
      privateProducer: RingIndex(rawValue: UInt32(answered)))
  }

  private var vif: TapVif {
    TapVif(
      domain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0), queues: queues,
      segmentation: 0, scatterGather: true, checksumIPv4: true, checksumIPv6: true,
      multicastControl: false, isDisabled: false, isConnected: true,
      address: [0, 0x16, 0x3e, 0, 0, 1], multicastAddresses: 0, headroom: 0)
  }
}
