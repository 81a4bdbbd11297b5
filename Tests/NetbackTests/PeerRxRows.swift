import Netback
import Netif
import TestSupport
import Testing
import XenInterface
import XenRing

// What FreeBSD's unit tests of its netback say of packets to the guest (rows 28 to 43 of that
// suite), asked of ours. Where backends differ, the answer is Linux's.

/// What stands in a slot that was answered.
enum RxRowAnswer: Equatable {
  case data(id: UInt16, octets: Int16, flags: RxFlags)
  case extra(ExtraInfo, hasMore: Bool)
}

/// A frame, the requests that wait for it, and what becomes of them.
struct RxRow: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var length: Int
  var offload = FrameOffload()
  var start: UInt32
  var ids: [UInt16]
  var answers: [RxRowAnswer]

  init(
    _ name: String, length: Int, offload: FrameOffload = FrameOffload(), start: UInt32,
    ids: [UInt16], _ answers: [RxRowAnswer]
  ) {
    testDescription = name
    self.length = length
    self.offload = offload
    self.start = start
    self.ids = ids
    self.answers = answers
  }

  private static let gso = ExtraInfo.gso(size: 496, type: Segmentation.tcpv4)
  private static let segmented = FrameOffload(
    checksum: .partial, segmentation: Segmentation(size: 496, type: Segmentation.tcpv4))
  private static let segmentedHead: RxFlags = [.extraInfo, .checksumBlank, .dataValidated]

  static let all = [
    RxRow(
      "29, 36, 39: a short packet", length: 128, start: 9, ids: [0],
      [.data(id: 0, octets: 128, flags: [])]),
    RxRow(
      "30: a packet of one buffer", length: 2048, start: 12, ids: [7],
      [.data(id: 7, octets: 2048, flags: [])]),
    RxRow(
      "31, 41: two short buffers share a slot", length: 316, start: 14, ids: [47],
      [.data(id: 47, octets: 316, flags: [])]),
    RxRow(
      "32: a long packet", length: 9557, start: 3, ids: [1, 2, 3],
      [
        .data(id: 1, octets: 4096, flags: .moreData), .data(id: 2, octets: 4096, flags: .moreData),
        .data(id: 3, octets: 1365, flags: []),
      ]),
    RxRow(
      "33: a long packet to be cut", length: 9557, offload: segmented, start: 3, ids: [1, 2, 3, 4],
      [
        .data(id: 1, octets: 4096, flags: segmentedHead.union(.moreData)),
        .extra(gso, hasMore: false), .data(id: 3, octets: 4096, flags: .moreData),
        .data(id: 4, octets: 1365, flags: []),
      ]),
    RxRow(
      "37: one octet more than a page", length: 4097, start: 11, ids: [5, 6],
      [.data(id: 5, octets: 4096, flags: .moreData), .data(id: 6, octets: 1, flags: [])]),
    RxRow(
      "40: a short packet to be cut", length: 14, offload: segmented, start: 3, ids: [49, 50],
      [.data(id: 49, octets: 14, flags: segmentedHead), .extra(gso, hasMore: false)]),
    RxRow(
      "42: a packet of two slots", length: 4196, start: 15, ids: [17, 37],
      [.data(id: 17, octets: 4096, flags: .moreData), .data(id: 37, octets: 100, flags: [])]),
  ]
}

@Suite struct `What FreeBSD's tests ask of packets to the guest` {
  @Test(arguments: RxRow.all, [0, UInt32.max &- 15])
  func `is answered slot by slot`(_ row: RxRow, _ base: UInt32) throws {
    let bench = try RxBench(start: base &+ row.start)
    bench.offer(row.ids)
    #expect(bench.send(pattern(row.length), row.offload))
    #expect(bench.poll().packets == 1)
    #expect(try answers(of: bench, like: row.answers) == row.answers)
    #expect(bench.queue.requestConsumer == bench.producer)
  }

  @Test(arguments: RxRow.all)
  func `is copied page by page`(_ row: RxRow) throws {
    let bench = try RxBench(start: row.start)
    bench.offer(row.ids)
    #expect(bench.send(pattern(row.length), row.offload))
    bench.poll()
    let lengths = row.answers.compactMap { answer in
      if case .data(_, let octets, _) = answer { UInt16(octets) } else { nil }
    }
    #expect(bench.grants.copies.map(\.length) == lengths)
    #expect(bench.grants.copies.allSatisfy { $0.pageOffset == 0 && $0.isInPage })
    #expect(lengths.reduce(0) { $0 + Int($1) } == row.length)
    let pages = row.answers.indices.filter { row.answers[$0].isData }
    #expect(bench.grants.copies.map(\.grant) == pages.map(bench.grant))
  }

  @Test func `28, 35, 38: nothing to send leaves the ring as it is`() throws {
    let bench = try RxBench()
    bench.offer([1, 2])
    #expect(!bench.send([]))
    let before = bench.memory.words
    #expect(bench.poll().packets == 0)
    #expect(bench.memory.words == before)
    #expect(bench.grants.copies.isEmpty)
  }

  @Test(arguments: [(FrameOffload(), 3), (RxRow.all[4].offload, 4)])
  func `34: a packet that lacks a slot waits and takes none`(
    _ offload: FrameOffload, _ needed: Int
  ) throws {
    let bench = try RxBench(start: 3)
    bench.offer(Array(0..<UInt16(needed - 1)))
    #expect(bench.send(pattern(9557), offload))
    #expect(bench.poll().packets == 0)
    #expect(bench.answers.isEmpty)
    #expect(bench.queue.requestConsumer == RingIndex(rawValue: 3))
    bench.offer([77])
    #expect(bench.poll().packets == 1)
    #expect(bench.answers.count == needed)
  }

  @Test func `43: a slot that is not published is not written, though the packet needs it`() throws
  {
    let bench = try RxBench(start: 2)
    bench.offer([7])
    bench.write([6859, 6859], at: 3)
    #expect(bench.send(pattern(14_336)))
    bench.poll()
    // FreeBSD answers one ERROR; Linux waits for the other three slots.
    #expect(bench.answers.isEmpty)
    #expect(bench.memory.words[bench.slot(3) / 4] == 6859)
    #expect(bench.memory.words[bench.slot(3) / 4 + 1] == 6859)
  }

  @Test func `43: a copy that fails marks its slot, and all slots are answered`() throws {
    let bench = try RxBench(start: 2)
    for (page, id) in ([7, 8, 9, 10] as [UInt16]).enumerated() {
      let grant = page == 2 ? RxBench.badGrant : bench.grant(page)
      bench.put(RxRequest(id: id, grant: grant))
    }
    bench.publish()
    #expect(bench.send(pattern(14_336)))
    bench.poll()
    #expect(bench.statuses[0...1] == [4096, 4096])
    #expect(bench.statuses[2] < 0)
    #expect(bench.statuses[3...] == [2048])
    #expect(bench.answers.map { RxResponse(words: $0).id } == [7, 8, 9, 10])
  }

  private func answers(of bench: RxBench, like wanted: [RxRowAnswer]) throws -> [RxRowAnswer] {
    try bench.answers.enumerated().map { place, words in
      guard place < wanted.count, wanted[place].isData else {
        let slot = try ExtraInfoSlot(words: words)
        return .extra(slot.info, hasMore: slot.hasMore)
      }
      let response = RxResponse(words: words)
      #expect(response.offset == 0)
      return .data(id: response.id, octets: response.status.rawValue, flags: response.flags)
    }
  }
}

extension RxRowAnswer {
  fileprivate var isData: Bool { if case .data = self { true } else { false } }
}
