import Netif
import TestSupport
import Testing
import XenRing

@testable import Redactor

@Suite struct FrameTests {
  private let replacement = Replacement.keyed(Scrambler(ScrambleKey("test")))

  private func scrambled(_ octets: [UInt8], isPartial: Bool = false) -> [UInt8] {
    ReplacedFrame(octets, length: octets.count, replacement)
      .finished(isPartial: isPartial, replacement).octets
  }

  private func place(in octets: [UInt8]) -> ChecksumPlace? { ChecksumPlace(octets.span.octets) }

  /// What each checksum of a frame sums up to with all that it covers: all ones when it is right.
  private func sums(_ octets: [UInt8]) -> [UInt16] {
    FrameParser.layout(of: octets, length: octets.count).checksums.map { sum in
      let covered = Array(octets[sum.covered])
      guard !sum.addresses.isEmpty else { return SampleFrame.onesSum(covered) }
      let type: UInt8 = sum.isOptional ? 17 : sum.isTransport ? 6 : 58
      return SampleFrame.onesSum(
        Array(octets[sum.addresses]) + SampleFrame.word(Int(type))
          + SampleFrame.word(covered.count) + covered)
    }
  }

  @Test(arguments: SampleFrame.all)
  func `checksums that were right stay right, and wrong ones wrong`(_ sample: SampleFrame) {
    let before = sums(sample.octets).map { $0 == .max }
    #expect(sums(scrambled(sample.octets)).map { $0 == .max } == before)
    var wrong = sample.octets
    for sum in FrameParser.layout(of: wrong, length: wrong.count).checksums {
      wrong[sum.place] ^= 0x40
    }
    #expect(!sums(wrong).contains(.max))
    #expect(!sums(scrambled(wrong)).contains(.max))
  }

  @Test func `samples have right checksums to begin with`() {
    for sample in SampleFrame.all where sample.description != "UDP without checksum" {
      #expect(sums(sample.octets).allSatisfy { $0 == .max }, "\(sample)")
    }
  }

  @Test func `UDP without a checksum stays without one`() throws {
    let sample = try #require(SampleFrame.all.first { $0.description == "UDP without checksum" })
    #expect(scrambled(sample.octets)[40..<42] == [0, 0])
  }

  @Test(arguments: [6, 17] as [UInt8])
  func `a checksum that is left blank stays that of the pseudo header`(_ type: UInt8) throws {
    let segment = type == 6 ? SampleFrame.tcp(SampleFrame.text) : SampleFrame.udp(SampleFrame.text)
    var octets = SampleFrame.frame(0x0800, SampleFrame.ipv4(type, segment))
    let place = try #require(self.place(in: octets))
    let range = (place.start + place.offset)..<(place.start + place.offset + 2)
    octets.set(UInt64(place.blank), range)
    let result = scrambled(octets, isPartial: true)
    let blank = try #require(self.place(in: result)).blank
    #expect(blank != place.blank)
    #expect(result.number(range) == UInt64(blank))
    // One that the guest has not even begun stays so.
    octets.set(0, range)
    #expect(scrambled(octets, isPartial: true).number(range) == 0)
  }

  @Test(arguments: SampleFrame.all)
  func `lengths, types, ports and flags stay, addresses and payload do not`(_ sample: SampleFrame) {
    let result = scrambled(sample.octets)
    let before = ReplacedFrame(sample.octets, length: sample.octets.count, .blank)
    let after = ReplacedFrame(result, length: result.count, .blank)
    #expect(result.count == sample.octets.count)
    #expect(before.layout == after.layout)
    #expect(
      before.finished(isPartial: false, .blank).octets
        == after.finished(isPartial: false, .blank).octets)
    for part in before.covered where part.count >= 4 {
      #expect(result[part] != sample.octets[part])
    }
  }

  @Test(arguments: SampleFrame.all)
  func `nothing of the payload is left`(_ sample: SampleFrame) {
    let result = scrambled(sample.octets)
    for start in 0...(SampleFrame.text.count - 8) {
      #expect(!result.contains(SampleFrame.text[start..<(start + 8)]))
    }
  }

  @Test(arguments: SampleFrame.all)
  func `headers end where Ethernet, IP, TCP and UDP end`(_ sample: SampleFrame) {
    let layout = FrameParser.layout(of: sample.octets, length: sample.octets.count)
    #expect(layout.headersEnd == sample.headers)
  }

  @Test(arguments: SampleFrame.all)
  func `the beginning of a frame becomes the beginning of what the frame becomes`(
    _ sample: SampleFrame
  ) {
    let whole = ReplacedFrame(sample.octets, length: sample.octets.count, replacement)
    let finished = whole.finished(isPartial: false, replacement)
    for count in sample.headers..<sample.octets.count {
      let part = ReplacedFrame(
        Array(sample.octets.prefix(count)), length: sample.octets.count, replacement)
      // An address or a checksum that is cut is none.
      let kinds = part.layout.parts.map(\.kind)
      guard kinds == whole.layout.parts.prefix(kinds.count).map(\.kind),
        part.layout.checksums == whole.layout.checksums
      else { continue }
      let result = part.finished(isPartial: false, replacement, whole: whole).octets
      #expect(result.elementsEqual(finished.octets.prefix(count)))
    }
  }

  @Test func `the same payload gets the same replacement behind other headers`() {
    let text = SampleFrame.text
    let frames = [
      SampleFrame.frame(0x0800, SampleFrame.ipv4(6, SampleFrame.tcp(text))),
      SampleFrame.frame(0x86dd, SampleFrame.ipv6(17, SampleFrame.udp(text))),
      SampleFrame.frame(0x86dd, SampleFrame.ipv6(6, SampleFrame.tcp(text + [1, 2, 3]))),
    ]
    let results = frames.map { scrambled($0) }
    let expected = results[0].suffix(text.count)
    #expect(results[1].suffix(text.count) == expected[...])
    #expect(results[2].dropLast(3).suffix(text.count).elementsEqual(expected))
  }

  @Test func `any octets at all are taken`() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<3000 {
      var octets = SampleFrame.all[Int(random.next() % UInt64(SampleFrame.all.count))].octets
      for _ in 0..<4 {
        octets[12 + Int(random.next() % UInt64(octets.count - 12))] = UInt8(
          truncatingIfNeeded: random.next())
      }
      octets.removeLast(Int(random.next() % UInt64(octets.count)))
      let result = scrambled(octets)
      #expect(result.count == octets.count)
      let before = ReplacedFrame(octets, length: octets.count, .blank)
      let after = ReplacedFrame(result, length: octets.count, .blank)
      #expect(before.layout == after.layout)
    }
  }
}

extension [UInt8] {
  /// Whether other octets stand in it in a row.
  fileprivate func contains(_ other: ArraySlice<UInt8>) -> Bool {
    guard count >= other.count else { return false }
    return (0...(count - other.count)).contains { self[$0...].starts(with: other) }
  }
}
