import Testing
import XenInterface
import XenRing

@testable import KernelTap

struct TapRecordDecoderTests {
  /// Octets of numbers, little-endian, as the eBPF program writes them.
  struct Writer {
    var octets: [UInt8] = []

    init(kind: UInt16, queue: UInt16 = 1, flags: UInt16 = 0) {
      put(UInt64(42))
      put(UInt64(7_000))
      put(kind)
      put(queue)
      put(flags)
      put(UInt16(3))
    }

    mutating func put(_ number: some FixedWidthInteger) {
      for shift in stride(from: 0, to: number.bitWidth, by: 8) {
        octets.append(UInt8(truncatingIfNeeded: number >> shift))
      }
    }

    /// A copy operation, in the hypercall's layout.
    mutating func putCopy(to grant: UInt32, length: UInt16, status: Int16, contents: [UInt8] = []) {
      put(UInt64(0x1234))
      put(UInt16(0x7ff0))
      put(UInt16(8))
      put(UInt32(0))
      put(UInt64(grant))
      put(UInt16(5))
      put(UInt16(16))
      put(UInt32(0))
      put(length)
      put(UInt16(2))
      put(status)
      put(UInt16(contents.count))
      octets += contents
      while octets.count % 8 != 0 { octets.append(0) }
    }

    func record() throws -> TapRecord { try TapRecord(decoding: octets.span.octets) }
  }

  @Test func `a response tells its request and its place`() throws {
    var writer = Writer(kind: 9, flags: 2)
    writer.put(UInt32(900))
    writer.put(UInt32(1))
    writer.put(UInt16(0xffff))
    writer.put(Int16(-1))
    for word: UInt32 in [10, 0x4_0000, 0x40_0007] { writer.put(word) }
    let record = try writer.record()
    #expect(record.sequence == 42 && record.queue == 1 && record.processor == 3)
    #expect(record.time == MonotonicInstant(nanoseconds: 7_000))
    guard case .response(let response) = record.body else {
      Issue.record("not a response: \(record.body)")
      return
    }
    #expect(response.index == RingIndex(rawValue: 900))
    #expect(response.extras == 1 && response.status == -1 && response.isLate)
    #expect(response.pendingIndex == nil)
    #expect(response.request == [10, 0x4_0000, 0x40_0007])
  }

  @Test func `a failed copy is entered in its response`() throws {
    var writer = Writer(kind: 16)
    writer.put(UInt32(12))
    writer.put(UInt32(2))
    writer.put(UInt32(10))
    writer.put(UInt32(2))
    for word: UInt32 in [1, 60 << 16, 2, 70 << 16 | 1] { writer.put(word) }
    writer.put(UInt32(10))
    writer.put(UInt32(11))
    writer.putCopy(to: 5, length: 60, status: 0)
    writer.putCopy(to: 6, length: 70, status: -3)
    guard case .rxFlush(let flush) = try writer.record().body else {
      Issue.record("not a flush")
      return
    }
    #expect(flush.responses.words == [1, 60 << 16, 2, 0xfffd_0001])
    #expect(flush.copies.map(\.copy.destination.grant?.rawValue) == [5, 6])
    #expect(flush.copies.map(\.index.rawValue) == [10, 11])
    #expect(flush.copies[0].copy.source.grant == nil)
  }

  @Test func `the contents of copies are found behind each`() throws {
    var writer = Writer(kind: 6)
    writer.put(UInt32(2))
    writer.put(UInt32(0))
    writer.putCopy(to: 5, length: 3, status: 0, contents: [1, 2, 3])
    writer.putCopy(to: 6, length: 9, status: 0, contents: [4, 5, 6, 7, 8, 9, 10, 11, 12])
    let record = try writer.record()
    guard case .copies(let copies) = record.body else {
      Issue.record("not copies")
      return
    }
    #expect(copies.map { Array(record.contents($0.contents)) } == [[1, 2, 3], Array(4...12)])
  }

  @Test func `a poll's end tells its packets and the slots that came to light`() throws {
    var writer = Writer(kind: 13)
    for index: UInt32 in [20, 21, 14, 15, 18, 14] { writer.put(index) }
    writer.put(UInt64(5_000))
    writer.put(UInt32(4))
    writer.put(UInt32(1))
    writer.put(UInt32(19))
    writer.put(UInt32(1))
    for word: UInt32 in [8, 0, 60 << 16 | 7] { writer.put(word) }
    guard case .pollEnd(let poll) = try writer.record().body else {
      Issue.record("not a poll's end")
      return
    }
    #expect(poll.ring.requestConsumer == RingIndex(rawValue: 18))
    #expect(poll.remainingCredit == 5_000 && poll.packets == 4 && poll.isRateLimited)
    #expect(poll.slots.first == RingIndex(rawValue: 19))
    #expect(poll.slots.words == [8, 0, 60 << 16 | 7])
  }

  @Test func `a number that was not used is a record without a body`() throws {
    guard case .nothing = try Writer(kind: 21).record().body else {
      Issue.record("not nothing")
      return
    }
  }

  @Test func `a record that is cut short is refused`() throws {
    var writer = Writer(kind: 9)
    writer.put(UInt32(900))
    #expect(throws: TapDecodingError.self) { try writer.record() }
    #expect(throws: TapDecodingError.self) { try Writer(kind: 99).record() }
  }

  @Test func `the control ring's snapshot has what is in force`() throws {
    var writer = Writer(kind: 22, queue: 0xffff)
    for word: UInt32 in [7, 8, 6, 7, 5, 5] { writer.put(word) }
    for word: UInt32 in [1, 3, 1, 15, 2] { writer.put(word) }
    for octet in 0..<40 as Range<UInt8> { writer.put(octet) }
    for word in 0..<128 as Range<UInt32> { writer.put(word + 1) }
    let record = try writer.record()
    guard case .controlSnapshot(let snapshot) = record.body else {
      Issue.record("not a snapshot")
      return
    }
    #expect(record.queue == nil && snapshot.round == 3)
    #expect(snapshot.ring?.requestProducer.rawValue == 7)
    #expect(snapshot.ring?.requestConsumer.rawValue == 5)
    #expect(snapshot.algorithm == 1 && snapshot.types == 15 && snapshot.mapping == [1, 2])
    #expect(snapshot.key == (0..<40).map { UInt8($0) })
  }

  @Test func `a control message's copies come with what they brought`() throws {
    var writer = Writer(kind: 24, queue: 0xffff)
    for word: UInt32 in [40, 1, 3, 0] { writer.put(word) }
    for _ in 0..<2 { writer.putCopy(to: 5, length: 3, status: -3) }
    writer.octets += [1, 2, 3]
    let record = try writer.record()
    guard case .controlCopies(let copies) = record.body else {
      Issue.record("not copies")
      return
    }
    #expect(copies.index.rawValue == 40 && copies.copies.map(\.status) == [-3])
    #expect(Array(record.contents(copies.contents)) == [1, 2, 3])
  }
}
