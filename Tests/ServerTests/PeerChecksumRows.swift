import Netif
import Server
import Testing
import XenRing

// What FreeBSD's unit tests of its netback say of checksums (rows 44 to 48 of that suite), asked of
// what finishes our frames. FreeBSD fills in the IPv4 header's sum too; Linux leaves it, and so do we.

private let addresses: [UInt8] = [
  0x00, 0x16, 0x3e, 0x23, 0x50, 0x0b, 0x00, 0x16, 0x30, 0, 0, 0, 0x08, 0x00,
]

private func joined(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap(\.self) }

private func ipv4(
  length: UInt8, id: UInt8, flags: UInt8 = 0, transport: UInt8, sum: [UInt8]
) -> [UInt8] {
  joined(
    addresses, [0x45, 0, 0, length, 0, id, flags, 0, 64, transport], sum,
    [192, 168, 10, 4, 192, 168, 10, 5])
}

private let text = Array("FreeBSD\n".utf8)

private func tcp(ipSum: [UInt8], sum: [UInt8]) -> [UInt8] {
  joined(
    ipv4(length: 60, id: 8, flags: 0x40, transport: 6, sum: ipSum),
    [0x9c, 0xd9, 0x08, 0xae, 0x00, 0xf7, 0x2b, 0x10, 0x7f, 0x37, 0xba, 0x6c, 0x80, 0x18],
    [0x04, 0x10], sum, [0, 0], [1, 1, 0x08, 0x0a, 0, 0, 0x81, 0xdf, 0xce, 0x18, 0x20, 0x7f], text)
}

private func udp(sum: [UInt8]) -> [UInt8] {
  joined(
    ipv4(length: 36, id: 4, transport: 17, sum: [0xba, 0xad]),
    [0x51, 0xae, 0x08, 0xae, 0, 16], sum, text)
}

private let arp = joined(
  [UInt8](repeating: 0xff, count: 6), [0x00, 0x15, 0x17, 0xe9, 0x30, 0x68, 0x08, 0x06],
  [0, 1, 8, 0, 6, 4, 0, 1, 0x00, 0x15, 0x17, 0xe9, 0x30, 0x68, 192, 168, 10, 4],
  [0, 0, 0, 0, 0, 0, 192, 168, 10, 6])

private let icmp = joined(
  ipv4(length: 84, id: 28, transport: 1, sum: [0, 0]), [8, 0, 0xae, 0xd7, 0x7b, 0x04, 0, 0],
  [0xac, 0xcf, 0x02, 0x4f, 0x6a, 0xc4, 0x07, 0x00], [UInt8](8..<56))

/// A frame, and the sum that is filled in.
private struct ChecksumRow: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var octets: [UInt8]
  var place: Int
  var sum: [UInt8]
}

private let filled = [
  ChecksumRow(
    testDescription: "46: TCP", octets: tcp(ipSum: [0, 0], sum: [0, 0]), place: 50,
    sum: [0x2f, 0x64]),
  ChecksumRow(testDescription: "48: UDP", octets: udp(sum: [0, 0]), place: 40, sum: [0xdd, 0xe2]),
]

@Suite struct `What FreeBSD's tests ask of checksums` {
  private func finished(_ octets: [UInt8], _ state: ChecksumState) -> [UInt8]? {
    var finisher = FrameFinisher()
    var result: [UInt8]?
    let isDone = finisher.fit(octets.span.octets, FrameOffload(checksum: state), to: []) {
      span, _ in
      result = span.array
    }
    #expect(isDone == (result != nil))
    return result
  }

  @Test(arguments: filled)
  private func `a blank one is filled in, and nothing else changes`(_ row: ChecksumRow) throws {
    var octets = row.octets
    // A sender leaves the pseudo header's sum in its place.
    let place = ChecksumPlace(octets.span.octets)
    let blank = try #require(place).blank
    octets.replaceSubrange(
      row.place..<(row.place + 2), with: [UInt8(blank >> 8), UInt8(blank & 0xff)])
    var wanted = octets
    wanted.replaceSubrange(row.place..<(row.place + 2), with: row.sum)
    #expect(finished(octets, .partial) == wanted)
  }

  @Test func `47: one that is not blank stays as it is, right or wrong`() {
    let octets = tcp(ipSum: [0xde, 0xad], sum: [0xbe, 0xef])
    #expect(octets.count == 74)
    for state in [ChecksumState.unknown, .verified] { #expect(finished(octets, state) == octets) }
  }

  @Test(arguments: [("44: ARP", arp, 42), ("45: ICMP", icmp, 98)])
  func `a frame that has none for a receiver to fill in stays, or is dropped`(
    _ name: String, _ octets: [UInt8], _ length: Int
  ) {
    #expect(octets.count == length)
    for state in [ChecksumState.unknown, .verified] { #expect(finished(octets, state) == octets) }
    // FreeBSD leaves it alone; Linux drops a frame whose blank checksum it cannot find.
    #expect(finished(octets, .partial) == nil)
  }
}
