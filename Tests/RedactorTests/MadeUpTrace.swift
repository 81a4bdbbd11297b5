import Netif
import TraceFormat
import XenInterface
import XenRing

@testable import Redactor

extension Recorded {
  /// A trace of one vif in which nothing has happened yet.
  init(keys: [VifSnapshot.Key] = [], multicast: [MACAddress] = []) {
    let vif = VifSnapshot(
      domain: DomainID(rawValue: 5), handle: VifHandle(rawValue: 0), multicast: multicast,
      keys: keys, queues: [QueueSnapshot()])
    header = TraceHeader(
      source: .inProcess, clock: .simulated, profile: .linux, snapLength: 65535, tool: "test",
      vifs: [vif])
  }

  /// Adds an event.
  mutating func add(_ body: TraceEvent.Body, _ payload: [UInt8] = []) {
    let time = MonotonicInstant(nanoseconds: UInt64(events.count))
    events.append((TraceEvent(time: time, origin: .fetched, body), payload))
  }

  /// Adds a poll in which a packet comes in pieces of these sizes, each of another page, and goes to the
  /// network.
  mutating func addPoll(
    of frame: [UInt8], in sizes: [Int], at first: UInt32 = 0, flags: TxFlags = []
  ) {
    add(.pollBegin(ring: .tx, budget: 64))
    var position = 0
    let pieces = sizes.enumerated().map { number, size in
      defer { position += size }
      return (index: first + UInt32(number), octets: Array(frame[position..<(position + size)]))
    }
    for piece in pieces {
      let isHead = piece.index == first
      let goesOn = piece.index + 1 < first + UInt32(sizes.count)
      addSlot(
        piece.index, size: isHead ? frame.count : piece.octets.count,
        (goesOn ? .moreData : TxFlags()).union(isHead ? flags : []))
    }
    for piece in pieces { addMemory(piece.index, piece.octets) }
    let checksum: ChecksumState = flags.contains(.checksumBlank) ? .partial : .unknown
    let record = TraceEvent.FrameRecord(
      length: UInt32(frame.count), captured: UInt32(frame.count),
      offload: FrameOffload(checksum: checksum))
    add(.delivered(record, request: RingIndex(rawValue: first)), frame)
    let end = RingIndex(rawValue: first + UInt32(sizes.count))
    add(.pollEnd(ring: .tx, consumer: end, producer: end, packets: 1))
  }

  private mutating func addSlot(_ index: UInt32, size: Int, _ flags: TxFlags) {
    let request = TxRequest(
      grant: GrantReference(rawValue: 8 + index), offset: 64, flags: flags, id: UInt16(index),
      size: UInt16(size))
    let words = request.words
    add(
      .slot(
        ring: .tx, index: RingIndex(rawValue: index), .init(words[0], words[1], words[2])))
  }

  /// Adds a copy of a slot's page, and what it brought.
  mutating func addMemory(_ index: UInt32, _ octets: [UInt8]) {
    let operand = TraceEvent.GrantOperand(
      grant: GrantReference(rawValue: 8 + index), offset: 64, length: UInt16(octets.count))
    add(.grantCopy(operand, direction: .fromGuest, status: .okay))
    var memory = operand
    memory.captured = UInt16(octets.count)
    add(.memory(memory), octets)
  }

  /// The memory of its events, piece by piece.
  var memory: [[UInt8]] {
    events.compactMap { entry in
      if case .memory = entry.event.body { entry.payload } else { nil }
    }
  }

  /// The frames of its events.
  var frames: [[UInt8]] {
    events.compactMap { entry in
      switch entry.event.body {
      case .delivered, .taken, .dropped: entry.payload
      default: nil
      }
    }
  }
}
