import Netif
import TestSupport
import Testing
import XenRing

extension SlotWords {
  fileprivate static func random(
    first count: Int, using source: inout SeededGenerator
  ) -> SlotWords {
    SlotWords { $0 < count ? UInt32.random(in: 0...(.max), using: &source) : 0 }
  }

  fileprivate var array: [UInt32] { indices.map { self[$0] } }
}

private func expectRoundTrips<Slot: RingSlot & Equatable>(
  _: Slot.Type, keeping mask: [UInt32] = [.max, .max, .max, .max]
) {
  var source = SeededGenerator(seed: 0x77)
  for _ in 0..<500 {
    let words = SlotWords.random(first: Slot.wordCount, using: &source)
    let slot = Slot(words: words)
    #expect(slot.words.array == zip(words.array, mask).map { $0 & $1 })
    #expect(Slot(words: slot.words) == slot)
  }
}

@Suite struct `Wire types` {
  @Test func `a TX request keeps every bit`() { expectRoundTrips(TxRequest.self) }
  @Test func `a TX response keeps every bit`() { expectRoundTrips(TxResponse.self) }
  @Test func `an RX request keeps every bit but those of its pad that mean nothing`() {
    expectRoundTrips(RxRequest.self, keeping: [0x8000_ffff, .max, 0, 0])
  }
  @Test func `an RX response keeps every bit`() { expectRoundTrips(RxResponse.self) }
  @Test func `a control request keeps every bit`() { expectRoundTrips(ControlRequest.self) }
  @Test func `a control response keeps every bit`() { expectRoundTrips(ControlResponse.self) }

  @Test func `a status below zero keeps its sign`() {
    let words = TxResponse(id: 3, status: .error).words
    #expect(TxResponse(words: words).status.rawValue == -1)
    #expect(words[0] == 0xffff_0003)
  }
}

@Suite struct `Extra infos` {
  static let infos: [ExtraInfo] = [
    .gso(size: 1448, type: 1), .gso(size: 0, type: 9),
    .multicastAdd(MACAddress(bits: 0x0100_5e01_0203)),
    .multicastDelete(MACAddress(bits: 0x3333_0000_00fb)),
    .hash(type: 3, algorithm: 1, value: 0x51cc_c178), .xdp(headroom: 256),
  ]

  @Test(arguments: infos, [true, false])
  func `each type is read back as written`(info: ExtraInfo, hasMore: Bool) throws {
    let slot = try ExtraInfoSlot(words: ExtraInfoSlot(info, hasMore: hasMore).words)
    #expect(slot.info == info)
    #expect(slot.hasMore == hasMore)
  }

  @Test(arguments: [0, 6, 255] as [UInt8])
  func `an unknown type is refused`(type: UInt8) {
    #expect(throws: TxViolation.invalidExtraType(type)) {
      _ = try ExtraInfoSlot(words: [UInt32(type) | 0xffff_ff00, .max, .max, .max])
    }
  }

  @Test(arguments: 0...255 as ClosedRange<UInt32>)
  func `only bit 0 of the flags counts`(flags: UInt32) throws {
    let slot = try ExtraInfoSlot(words: [1 | flags << 8 | 1448 << 16, 1, 0, 0])
    #expect(slot.hasMore == (flags & 1 != 0))
    #expect(slot.info == .gso(size: 1448, type: 1))
  }

  @Test func `an address stands in the slot in the order of its octets`() {
    let words = ExtraInfoSlot(.multicastAdd(MACAddress(bits: 0x0102_0304_0506)), hasMore: false)
      .words
    #expect(words[0] == 0x0201_0002)
    #expect(words[1] == 0x0605_0403)
  }
}
