import Netback
import Netif
import Testing
import XenInterface
import XenRing

// What FreeBSD's unit tests of its netback say of packets from the guest (rows 7 to 14 and 16 to 27
// of that suite), asked of ours. Where backends differ, the answer is Linux's.

/// A slot as a row writes it.
enum TxRowSlot {
  case data(UInt16, offset: UInt16 = 0, flags: TxFlags = [], id: UInt16 = 0)
  case ungranted(UInt16, id: UInt16)
  case gso
  case unknownExtra
}

/// Slots, and the answers that the ring holds when the backend is done.
struct TxAnswerRow: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var slots: [TxRowSlot]
  /// Ids and statuses in ring order; a NULL leaves the id octets as they were.
  var answers: [TxSlot]
  var isFatal = false

  init(_ name: String, _ slots: [TxRowSlot], _ answers: [TxSlot], isFatal: Bool = false) {
    testDescription = name
    self.slots = slots
    self.answers = answers
    self.isFatal = isFatal
  }

  private static let null = TxSlot(id: 1, status: .null)

  static let all = [
    TxAnswerRow("1, 8: nothing", [], []),
    TxAnswerRow("9: one slot", [.data(1000)], [TxSlot(id: 0, status: .okay)]),
    TxAnswerRow(
      "10: an extra info", [.data(1000, flags: .extraInfo, id: 69), .gso],
      [TxSlot(id: 69, status: .okay), null]),
    TxAnswerRow(
      "11: an extra info and three slots",
      [
        .data(1000, flags: [.extraInfo, .moreData], id: 254), .gso,
        .data(300, flags: .moreData, id: 1034), .data(400, id: 34),
      ],
      [
        TxSlot(id: 254, status: .okay), null, TxSlot(id: 1034, status: .okay),
        TxSlot(id: 34, status: .okay),
      ]),
    // FreeBSD answers ERROR and NULL; Linux cuts the guest off.
    TxAnswerRow(
      "12: an extra info of an unknown type",
      [.data(1000, flags: .extraInfo, id: 69), .unknownExtra], [], isFatal: true),
    TxAnswerRow(
      "13: a packet that cannot be taken", [.ungranted(1000, id: 3)],
      [TxSlot(id: 3, status: .error)]),
    TxAnswerRow(
      "7, 14: three slots",
      [.data(550, flags: .moreData, id: 1), .data(100, flags: .moreData, id: 2), .data(50, id: 3)],
      (1...3).map { TxSlot(id: $0, status: .okay) }),
    // FreeBSD waits for the second slot; Linux cuts the guest off.
    TxAnswerRow(
      "6: a packet that lacks a slot", [.data(150, flags: .moreData)], [], isFatal: true),
  ]
}

/// Slots, and the frame and the copies that come of them.
struct TxFrameRow: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var slots: [TxRowSlot]
  /// Page, offset and octets of each copy, one behind the other in the frame.
  var copies: [[Int]]
  var checksum = ChecksumState.unknown

  init(
    _ name: String, _ slots: [TxRowSlot], _ copies: [[Int]],
    checksum: ChecksumState = .unknown
  ) {
    testDescription = name
    self.slots = slots
    self.copies = copies
    self.checksum = checksum
  }

  static let all = [
    TxFrameRow("16: a short packet", [.data(168)], [[0, 0, 168]]),
    TxFrameRow(
      "17: a packet that was checked", [.data(168, flags: .dataValidated)], [[0, 0, 168]],
      checksum: .verified),
    TxFrameRow("18: as much as a buffer holds", [.data(169)], [[0, 0, 169]]),
    TxFrameRow("19: more than a cluster", [.data(2049)], [[0, 0, 2049]]),
    TxFrameRow(
      "20: more than a page, in two slots", [.data(4097, flags: .moreData), .data(1)],
      [[0, 0, 4096], [1, 0, 1]]),
    TxFrameRow("22, 25: a place in the page", [.data(168, offset: 17)], [[0, 17, 168]]),
    TxFrameRow(
      "23, 26: two slots", [.data(1900, flags: .moreData), .data(500)],
      [[0, 0, 1400], [1, 0, 500]]),
  ]
}

@Suite struct `What FreeBSD's tests ask of packets from the guest` {
  @Test(arguments: TxAnswerRow.all, [0, 254, .max - 1] as [UInt32])
  func `is answered slot by slot, across the ring's end and the end of the indices`(
    _ row: TxAnswerRow, _ start: UInt32
  ) throws {
    let bench = try TxBench(start: start)
    bench.publish(bench.slots(row.slots))
    bench.pollAll()
    #expect(bench.answers(from: start) == row.answers)
    #expect(bench.context.isDisabled == row.isFatal)
    if !row.isFatal { #expect(bench.queue.requestConsumer == bench.producer) }
  }

  @Test(arguments: TxFrameRow.all)
  func `arrives whole, by one copy a slot`(_ row: TxFrameRow) throws {
    let bench = try TxBench()
    let slots = bench.slots(row.slots)
    bench.publish(slots)
    bench.pollAll()
    let frame = try #require(bench.sink.frames.first)
    #expect(bench.sink.frames.count == 1)
    #expect(frame.offload.checksum == row.checksum)
    var octets: [UInt8] = []
    for copy in row.copies {
      octets += pattern(4096, from: UInt8(copy[0]))[copy[1]..<(copy[1] + copy[2])]
    }
    #expect(frame.octets == octets)
    let copies = bench.grants.copies
    #expect(
      copies.map { [Int($0.pageOffset), Int($0.length)] } == row.copies.map { [$0[1], $0[2]] })
    #expect(copies.map(\.grant) == slots.map { TxRequest(words: $0).grant })
    var place: UInt32 = 0
    for copy in copies {
      #expect(copy.bufferOffset == place)
      place += UInt32(copy.length)
    }
  }

  @Test func `21: a packet of no octets is copied from nowhere, and refused`() throws {
    let bench = try TxBench()
    bench.publish(bench.slots([.data(0, id: 4)]))
    bench.pollAll()
    #expect(bench.grants.copies.isEmpty)
    #expect(bench.answers() == [TxSlot(id: 4, status: .error)])
  }

  /// FreeBSD's test splits the slot into three copies; Linux cuts the guest off.
  @Test func `24, 27: a slot of 4097 octets is copied from nowhere`() throws {
    let bench = try TxBench()
    bench.publish(bench.slots([.data(4097)]))
    bench.pollAll()
    #expect(bench.grants.copies.isEmpty)
    #expect(bench.context.violation == .pageCrossing(offset: 0, size: 4097))
  }
}

extension TxBench {
  /// The words of a row's slots; each data slot has a page of its own.
  fileprivate func slots(_ row: [TxRowSlot]) -> [SlotWords] {
    row.enumerated().map { page, slot in
      switch slot {
      case .data(let size, let offset, let flags, let id):
        return request(page: page, offset: offset, size: size, flags: flags, id: id).words
      case .ungranted(let size, let id):
        return TxRequest(grant: Self.badGrant, offset: 0, flags: [], id: id, size: size).words
      case .gso: return ExtraInfoSlot(.gso(size: 900, type: 1), hasMore: false).words
      case .unknownExtra: return [0xff, 0, 0, 0]
      }
    }
  }
}
