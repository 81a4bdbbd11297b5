import Netif
import XenRing

@testable import Redactor

/// A frame, and what is to be known of it.
struct SampleFrame: Sendable, CustomStringConvertible {
  var description: String
  var octets: [UInt8]
  /// Octets of its Ethernet, IP, TCP and UDP headers.
  var headers: Int

  static let text = Array("GET /secret HTTP/1.1\r\nHost: customer.example\r\n\r\n".utf8)
  static let guest: [UInt8] = [0x00, 0x16, 0x3e, 0, 0, 1]
  static let host: [UInt8] = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff]

  static let all = [
    SampleFrame(description: "TCP", octets: frame(0x0800, ipv4(6, tcp(text))), headers: 66),
    SampleFrame(
      description: "UDP, odd", octets: frame(0x0800, ipv4(17, udp(text.dropLast()))), headers: 42),
    SampleFrame(
      description: "UDP without checksum",
      octets: frame(0x0800, ipv4(17, udp(text), summing: false)), headers: 42),
    SampleFrame(description: "ping", octets: frame(0x0800, ipv4(1, icmp(8, text))), headers: 34),
    SampleFrame(
      description: "redirect", octets: frame(0x0800, ipv4(1, icmp(5, text))), headers: 34),
    SampleFrame(
      description: "IPv4 options",
      octets: frame(0x0800, ipv4(6, tcp(text), options: [7, 7, 4, 192, 0, 2, 1, 0])), headers: 74),
    SampleFrame(
      description: "later fragment",
      octets: frame(0x0800, ipv4(17, udp(text), fragment: 0x00b9, summing: false)), headers: 34),
    SampleFrame(
      description: "VLAN", octets: frame(0x8100, [0, 5, 8, 0] + ipv4(6, tcp(text))), headers: 70),
    SampleFrame(description: "IPv6 TCP", octets: frame(0x86dd, ipv6(6, tcp(text))), headers: 86),
    SampleFrame(
      description: "IPv6 with a header between",
      octets: frame(0x86dd, ipv6(17, udp(text), between: (0, [17, 0, 5, 2, 0, 0, 1, 0]))),
      headers: 70),
    SampleFrame(
      description: "neighbour solicitation", octets: frame(0x86dd, ipv6(58, solicitation)),
      headers: 54),
    SampleFrame(description: "ARP", octets: frame(0x0806, arp), headers: 14),
    SampleFrame(
      description: "padded", octets: frame(0x0800, ipv4(17, udp([1, 2])) + text), headers: 42),
    SampleFrame(description: "LLC", octets: frame(48, text), headers: 14),
    SampleFrame(description: "GRE", octets: frame(0x0800, ipv4(47, text)), headers: 34),
  ]

  static func frame(_ type: UInt16, _ rest: [UInt8]) -> [UInt8] {
    host + guest + word(Int(type)) + rest
  }

  static func ipv4(
    _ type: UInt8, _ rest: [UInt8], options: [UInt8] = [], fragment: Int = 0x4000,
    summing: Bool = true
  ) -> [UInt8] {
    let addresses: [UInt8] = [192, 0, 2, 7, 198, 51, 100, 9]
    var header: [UInt8] = [UInt8(0x45 + options.count / 4), 0]
    header += word(20 + options.count + rest.count) + [0, 7] + word(fragment)
    header += [64, type, 0, 0] + addresses + options
    setSum(in: &header, at: 10, [])
    return header + (summing ? summed(type, rest, addresses) : rest)
  }

  static func ipv6(
    _ type: UInt8, _ rest: [UInt8], between: (type: UInt8, octets: [UInt8])? = nil
  ) -> [UInt8] {
    let prefix: [UInt8] = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    let addresses = prefix + [7] + prefix + [9]
    let extra = between?.octets ?? []
    return [0x60, 0, 0, 0] + word(extra.count + rest.count) + [between?.type ?? type, 64]
      + addresses + extra + summed(type, rest, addresses)
  }

  static func tcp(_ payload: [UInt8]) -> [UInt8] {
    word(40000) + word(80) + [0, 0, 0, 1, 0, 0, 0, 2, 0x80, 0x18, 1, 0, 0, 0, 0, 0]
      + [1, 1, 8, 10, 0, 0, 0, 3, 0, 0, 0, 4] + payload
  }

  static func udp(_ payload: some Collection<UInt8>) -> [UInt8] {
    word(40000) + word(53) + word(8 + payload.count) + [0, 0] + payload
  }

  static func icmp(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
    [type, 0, 0, 0, 192, 0, 2, 1] + payload
  }

  static var solicitation: [UInt8] {
    [135, 0, 0, 0, 0, 0, 0, 0, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 1, 1]
      + guest
  }

  static var arp: [UInt8] {
    [0, 1, 8, 0, 6, 4, 0, 1] + guest + [192, 0, 2, 7] + [0, 0, 0, 0, 0, 0] + [192, 0, 2, 9]
  }

  static func word(_ number: Int) -> [UInt8] {
    [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
  }

  // MARK: - Checksums

  /// Where the checksum of a protocol stands.
  static func sumPlace(_ type: UInt8) -> Int? {
    switch type {
    case 6: 16
    case 17: 6
    case 1, 58: 2
    default: nil
    }
  }

  private static func summed(_ type: UInt8, _ rest: [UInt8], _ addresses: [UInt8]) -> [UInt8] {
    guard let place = sumPlace(type) else { return rest }
    var rest = rest
    setSum(in: &rest, at: place, type == 1 ? [] : addresses + word(Int(type)) + word(rest.count))
    return rest
  }

  private static func setSum(in octets: inout [UInt8], at place: Int, _ pseudo: [UInt8]) {
    let sum = ~onesSum(pseudo + octets)
    octets[place] = UInt8(sum >> 8)
    octets[place + 1] = UInt8(truncatingIfNeeded: sum)
  }

  /// The ones' complement sum of 16-bit words.
  static func onesSum(_ octets: [UInt8]) -> UInt16 {
    var sum = 0
    for (place, octet) in octets.enumerated() { sum += Int(octet) << (place % 2 == 0 ? 8 : 0) }
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    return UInt16(sum)
  }
}
