import Netif
import TestSupport
import TraceFormat
import XenInterface
import XenRing

/// An event and the octets beside it.
struct Sample: Equatable {
  var event: TraceEvent
  var payload: [UInt8] = []
}

extension SeededGenerator {
  mutating func pick<T>(_ choices: [T]) -> T {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }

  /// A word that is often at a boundary.
  mutating func word() -> UInt32 {
    switch Int.random(in: 0..<4, using: &self) {
    case 0: pick([0, 1, 0x7f, 0x80, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, .max - 1, .max])
    case 1: UInt32.random(in: 0..<300, using: &self)
    default: UInt32.random(in: 0 ... .max, using: &self)
    }
  }

  mutating func half() -> UInt16 { UInt16(truncatingIfNeeded: word()) }
  mutating func index() -> RingIndex { RingIndex(rawValue: word()) }
  mutating func flag() -> Bool { Bool.random(using: &self) }
  mutating func octets(_ count: Int) -> [UInt8] {
    let step = pick([0, 1, 7])
    let start = Int.random(in: 0..<4, using: &self)
    return (0..<count).map { UInt8(truncatingIfNeeded: start + $0 * step) }
  }

  mutating func operand(captured: UInt16) -> TraceEvent.GrantOperand {
    TraceEvent.GrantOperand(
      grant: GrantReference(rawValue: word()), offset: half(), length: half(),
      captured: captured)
  }

  mutating func grantStatus() -> GrantStatus { GrantStatus(rawValue: Int16(bitPattern: half())) }

  mutating func frame(captured: UInt32) -> TraceEvent.FrameRecord {
    let offload = FrameOffload(
      checksum: pick([.unknown, .partial, .verified]),
      segmentation: flag() ? Segmentation(size: half(), type: UInt8(half() & 0xff)) : nil,
      hash: flag() ? FlowHash(value: word(), type: UInt8(half() & 0xff)) : nil)
    return TraceEvent.FrameRecord(length: word(), captured: captured, offload: offload)
  }

  /// A body of one of 31 kinds, with as much payload as it says.
  mutating func body(_ kind: Int, size: Int) -> TraceEvent.Body {
    let ring = pick(TraceRing.allCases)
    let side = pick(TraceSide.allCases)
    switch kind {
    case 0: return .slot(ring: .tx, index: index(), .init(word(), word(), word()))
    case 1: return .slot(ring: .rx, index: index(), .init(word(), word()))
    case 2: return .slot(ring: .control, index: index(), .init(word(), word(), word(), word()))
    case 3: return .requestProducer(ring: ring, index: index())
    case 4: return .responseProducer(ring: ring, index: index())
    case 5: return .eventIndex(ring: ring, by: side, index: index())
    case 6: return .notification(ring: ring, by: side)
    case 7: return .pollBegin(ring: ring, budget: word())
    case 8: return .pollEnd(ring: ring, consumer: index(), producer: index(), packets: word())
    case 9:
      return .grantCopy(operand(captured: 0), direction: .fromGuest, status: grantStatus())
    case 10:
      return .grantCopy(operand(captured: half()), direction: .toGuest, status: grantStatus())
    case 11:
      return .grantMap(
        GrantReference(rawValue: word()), readOnly: flag(), handle: word(),
        status: grantStatus())
    case 12:
      return .grantUnmap(GrantReference(rawValue: word()), handle: word(), status: grantStatus())
    case 13: return .memory(operand(captured: UInt16(size)))
    case 14: return .release(index: index())
    case 15:
      return .txResponse(
        index: index(), request: index(), id: half(),
        status: NetifStatus(rawValue: Int16(bitPattern: half())))
    case 16: return .rxResponse(index: index(), word0: word(), word1: word())
    case 17:
      return .controlResponse(index: index(), word0: word(), word1: word(), word2: word())
    case 18: return .delivered(frame(captured: UInt32(size)), request: index())
    case 19: return .taken(frame(captured: UInt32(size)))
    case 20: return .dropped(frame(captured: UInt32(size)))
    case 21: return .state(pick(XenbusState.allCases), of: side)
    case 22: return .key(of: side, length: UInt32(size))
    case 23: return .connected(queues: half())
    case 24: return .disconnected
    case 25: return .disabled(rule: UInt8(half() & 0xff))
    case 26: return .gap(lost: UInt64(word()) << 32 | UInt64(word()))
    case 27: return .note(length: UInt32(size))
    default: return .snapshot(length: UInt32(size))
    }
  }

  static var kinds: Int { 29 }

  mutating func sample(_ kind: Int) -> Sample {
    let size = pick([0, 0, 1, 15, 16, 17, 60, 128])
    let body = body(kind, size: size)
    let event = TraceEvent(
      time: MonotonicInstant(nanoseconds: flag() ? UInt64(word()) : UInt64(word()) << 32),
      vif: flag() ? 0 : pick([1, 255, .max]), queue: flag() ? 0 : half() & 3,
      origin: flag() ? .fetched : .observed, body)
    return Sample(event: event, payload: octets(event.payloadLength))
  }
}

/// `count` events of all kinds, values at boundaries and anywhere.
func randomSamples(_ count: Int, seed: UInt64) -> [Sample] {
  var random = SeededGenerator(seed: seed)
  return (0..<count).map { number in
    random.sample(
      number < SeededGenerator.kinds
        ? number : Int.random(in: 0..<SeededGenerator.kinds, using: &random))
  }
}

/// A header with something in every field.
func fullHeader() -> TraceHeader {
  var queue = QueueSnapshot()
  queue.tx.requestProducer = RingIndex(rawValue: .max)
  queue.unanswered = [
    .init(
      request: TxRequest(
        grant: GrantReference(rawValue: 9), offset: 1, flags: [.moreData], id: 3, size: 60),
      extras: 2)
  ]
  queue.txSlots = [.init(index: RingIndex(rawValue: 7), words: .init(1, 2, 3))]
  queue.rxSlots = [.init(index: RingIndex(rawValue: .max), words: .init(4, 5))]
  queue.remainingCredit = 1
  queue.creditBytes = 2
  queue.creditMicroseconds = 3
  queue.queuedFrames = 4
  queue.queuedOctets = 5
  let vif = VifSnapshot(
    domain: DomainID(rawValue: 5), handle: VifHandle(rawValue: 1),
    features: [.scatterGather, .splitEventChannels], isDisabled: true,
    multicast: [MACAddress(bits: 0x3333_0000_0001)],
    hash: HashSnapshot(algorithm: 1, types: 15, key: [1, 2, 255], mapping: [0, 1, .max]),
    control: .init(startingAt: RingIndex(rawValue: 12)),
    keys: [.init(name: "frontend/mac", value: "00:16:3e:00:00:01 \"ü\"\n")],
    queues: [queue, QueueSnapshot()])
  return TraceHeader(
    source: .fuzzer, clock: .simulated, wallTime: .max, profile: .netif, order: .completion,
    snapLength: 96,
    timeUnit: 1, tool: "ringside 1.0", options: "-s 96", redaction: "none\\",
    vifs: [vif, VifSnapshot(domain: .control, handle: VifHandle(rawValue: 0))])
}

/// Writes a trace into memory.
func written(
  _ samples: [Sample], header: TraceHeader = fullHeader(), flushEvery: Int = .max
) throws -> [UInt8] {
  let sink = MemorySink()
  var writer = try TraceWriter(header, to: sink)
  for (number, sample) in samples.enumerated() {
    try writer.append(sample.event, payload: sample.payload.span.octets)
    if number % flushEvery == flushEvery - 1 { try writer.flush() }
  }
  _ = try writer.finish()
  return sink.octets
}

/// Reads a trace from memory up to its end.
func read(_ octets: [UInt8]) throws(TraceError) -> (samples: [Sample], isTruncated: Bool) {
  var reader = try TraceReader(MemorySource(octets))
  var samples: [Sample] = []
  while let event = try reader.next() {
    samples.append(Sample(event: event, payload: reader.payload.array))
  }
  return (samples, reader.isTruncated)
}
