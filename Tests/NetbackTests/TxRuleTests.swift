import Netback
import Netif
import TestSupport
import Testing
import XenInterface
import XenRing

private let okay = NetifStatus.okay
private let error = NetifStatus.error
private let null = NetifStatus.null

/// What becomes of one packet and of the vif.
enum Outcome: Sendable, CustomTestStringConvertible {
  /// Delivered, every slot OKAY.
  case accepted
  /// Every data slot ERROR.
  case refused
  /// No answer, and the vif is disabled.
  case fatal

  var testDescription: String { "\(self)" }
}

/// Sizes of a packet's slots, and what each profile makes of it.
struct SizeRow: Sendable, CustomTestStringConvertible {
  var sizes: [UInt16]
  var total: UInt16?
  var linux: Outcome
  var netif: Outcome

  init(_ sizes: [UInt16], total: UInt16? = nil, _ linux: Outcome, _ netif: Outcome? = nil) {
    self.sizes = sizes
    self.total = total
    self.linux = linux
    self.netif = netif ?? linux
  }

  var testDescription: String { "\(sizes.count) slots \(sizes.prefix(3)) of \(total ?? 0)" }
}

private func slots(_ count: Int, of size: UInt16 = 100) -> [UInt16] {
  [UInt16](repeating: size, count: count)
}

@Suite struct `Packets from the guest` {
  static let rows = [
    SizeRow([14], .accepted), SizeRow([13], .refused), SizeRow([0], .refused),
    SizeRow([128], .accepted), SizeRow([129], .accepted), SizeRow([4096], .accepted),
    SizeRow([4097], .fatal, .refused), SizeRow([65535], .fatal, .refused),
    SizeRow([14, 86], .accepted), SizeRow([13, 87], .refused),
    SizeRow([0, 100], total: 100, .refused), SizeRow([0, 101], total: 100, .refused),
    SizeRow([60, 0], .accepted), SizeRow([600, 0, 40], .accepted),
    SizeRow(slots(18), .accepted), SizeRow(slots(19), .accepted, .refused),
    SizeRow(slots(20), .refused), SizeRow(slots(21), .refused),
    SizeRow(slots(22), .fatal, .refused), SizeRow(slots(17, of: 3855), .accepted),
  ]

  @Test(arguments: rows)
  func `R-13, R-14, R-17, R-18: sizes and slot counts are judged as Linux judges them`(
    _ row: SizeRow
  ) throws {
    try expect(row.linux, row, .linux)
  }

  @Test(arguments: rows)
  func `the protocol's profile answers where Linux cuts off`(_ row: SizeRow) throws {
    try expect(row.netif, row, .netif)
  }

  private func expect(_ outcome: Outcome, _ row: SizeRow, _ profile: RuleProfile) throws {
    let bench = try TxBench(profile: profile)
    bench.publish(bench.packet(row.sizes, total: row.total))
    bench.pollAll()
    switch outcome {
    case .accepted:
      #expect(bench.statuses() == row.sizes.map { _ in okay })
      #expect(bench.sink.frames.map(\.octets.count) == [row.sizes.reduce(0) { $0 + Int($1) }])
    case .refused:
      #expect(bench.statuses() == row.sizes.map { _ in error })
      #expect(bench.sink.frames.isEmpty)
    case .fatal:
      #expect(bench.answers().isEmpty)
      #expect(bench.sink.frames.isEmpty)
    }
    #expect(bench.context.isDisabled == (outcome == .fatal))
  }

  @Test(arguments: [UInt16(4082), 4083, 4096, 65535])
  func `a first slot may end at its page's end and no further`(_ offset: UInt16) throws {
    let bench = try TxBench()
    bench.publish([bench.request(offset: offset, size: 14).words])
    bench.pollAll()
    #expect(bench.context.isDisabled == (offset > 4082))
    #expect(bench.statuses() == (offset > 4082 ? [] : [okay]))
  }

  @Test(arguments: [(4095, 1, false), (4095, 2, true), (4096, 0, false), (4097, 0, true)])
  func `a further slot may end at its page's end and no further`(
    _ offset: UInt16, _ size: UInt16, _ isFatal: Bool
  ) throws {
    let bench = try TxBench()
    bench.publish([
      bench.request(size: 60 + size, flags: .moreData).words,
      bench.request(page: 1, offset: offset, size: size, id: 1).words,
    ])
    bench.pollAll()
    #expect(bench.context.isDisabled == isFatal)
    #expect(bench.statuses() == (isFatal ? [] : [okay, okay]))
  }

  @Test func `R-19: a slot too many whose data crosses its page is fatal all the same`() throws {
    let bench = try TxBench()
    var slots = bench.packet([UInt16](repeating: 100, count: 20))
    slots[19] = bench.request(offset: 4090, size: 100).words
    bench.publish(slots)
    bench.pollAll()
    #expect(bench.context.violation == .pageCrossing(offset: 4090, size: 100))
    #expect(bench.answers().isEmpty)
  }

  @Test func `R-16: offset and size are added in more than sixteen bits`() throws {
    let bench = try TxBench()
    bench.publish([bench.request(offset: 65535, size: 65535).words])
    bench.pollAll()
    #expect(bench.context.violation == .pageCrossing(offset: 65535, size: 65535))
  }

  @Test func `a packet too short is refused before its page is looked at`() throws {
    let bench = try TxBench()
    bench.publish([bench.request(offset: 65535, size: 13).words])
    bench.pollAll()
    #expect(bench.statuses() == [error])
    #expect(!bench.context.isDisabled)
  }

  @Test func `R-03, R-04: a packet whose next slot is not published cuts the guest off`() throws {
    for flags in [TxFlags.moreData, .extraInfo] {
      let bench = try TxBench()
      bench.publish([bench.request(size: 60, flags: flags).words])
      bench.pollAll()
      #expect(bench.context.violation == (flags == .moreData ? .missingSlot : .missingExtra))
      #expect(bench.answers().isEmpty)
    }
  }

  @Test(arguments: [UInt32(257), 0x8000_0000, .max])
  func `R-01: a producer more than a ring ahead cuts the guest off`(_ ahead: UInt32) throws {
    let bench = try TxBench(start: 0xffff_ff80)
    bench.memory.store(0xffff_ff80 &+ ahead, at: RingLayout.requestProducer)
    bench.pollAll()
    #expect(
      bench.context.violation == .ring(.producerTooFar(distance: ahead, limit: 256)))
  }

  @Test func `R-02: a full ring of packets is answered slot by slot`() throws {
    let bench = try TxBench(start: 0xffff_ff80)
    bench.publish((0..<256).map { bench.request(size: 60, id: $0).words })
    bench.pollAll()
    #expect(bench.answers(from: 0xffff_ff80) == (0..<256).map { TxSlot(id: $0, status: okay) })
    #expect(bench.sink.frames.count == 256)
  }
}

@Suite struct `The order of what a poll does` {
  @Test func `R-49: a refused packet ends the poll and the next one goes on`() throws {
    let bench = try TxBench()
    bench.publish([60, 13, 70].map { bench.request(size: $0, id: $0).words })
    #expect(bench.poll().hasMore)
    #expect(bench.answers() == [TxSlot(id: 60, status: okay), TxSlot(id: 13, status: error)])
    bench.poll()
    #expect(bench.answers().last == TxSlot(id: 70, status: okay))
  }

  @Test func `answers may come as Linux gives them, refused and empty slots first`() throws {
    let bench = try TxBench(order: .completion)
    bench.publish(
      [bench.request(size: 60, id: 7).words] + bench.packet([200, 0])
        + [bench.request(size: 13, id: 9).words])
    bench.poll()
    #expect(bench.answers().map(\.id) == [1, 9, 7])
    #expect(bench.queue.heldSlotCount == 1)
  }

  @Test func `R-50: what came before a fatal packet is delivered and answered`() throws {
    let bench = try TxBench()
    bench.publish([60, 4097, 70].map { bench.request(size: $0, id: $0).words })
    bench.pollAll()
    #expect(bench.context.isDisabled)
    #expect(bench.answers() == [TxSlot(id: 60, status: okay)])
    #expect(bench.sink.frames.map(\.octets.count) == [60])
  }

  @Test func `R-39: nothing of a disabled vif is looked at`() throws {
    let bench = try TxBench()
    bench.publish([bench.request(size: 4097).words])
    bench.pollAll()
    bench.memory.resetReads()
    bench.publish([bench.request(size: 60).words])
    bench.pollAll()
    #expect(bench.memory.reads.allSatisfy { $0 == 0 })
    #expect(bench.answers().isEmpty)
  }

  @Test func `a poll takes no more packets than its budget`() throws {
    let bench = try TxBench(budget: 3)
    bench.publish((0..<5).map { bench.request(size: 60, id: $0).words })
    #expect(bench.poll().packets == 3)
    #expect(bench.answers().count == 3)
    #expect(bench.poll().packets == 2)
  }

  @Test func `the first of two broken rules decides`() throws {
    let bench = try TxBench()
    // Too short, and a segment size of 0, which alone would be fatal.
    bench.publish(bench.packet([13], extras: [.gso(size: 0, type: 1)]))
    bench.pollAll()
    #expect(bench.statuses() == [error, null])
    #expect(!bench.context.isDisabled)
  }
}
