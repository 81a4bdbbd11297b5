import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

@testable import KernelTap
@testable import Recorder

/// A tap that sees what it is told.
final class MadeUpTap: TraceReceiver {
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
      notes.append(String(decoding: payload.array, as: UTF8.self))
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

  /// The slots of a packet with extra infos.
  func packet(id: UInt32, at index: UInt32, _ extras: [ExtraInfo]) -> TapSlots {
    let slots = extras.enumerated().map { place, info in
      ExtraInfoSlot(info, hasMore: place + 1 < extras.count).words
    }
    return TapSlots(
      first: RingIndex(rawValue: index), wordsPerSlot: 3,
      words: [8, 8 << 16, 64 << 16 | id] + slots.flatMap { [$0[0], $0[1], $0[2]] })
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
    id: UInt32, grant: UInt32 = 8, flags: UInt32 = 0, status: Int16 = 0, isLate: Bool = false
  ) -> TapResponse {
    TapResponse(
      index: RingIndex(rawValue: 99), extras: 0, pendingIndex: 0, status: status,
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
