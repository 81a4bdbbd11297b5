import TestSupport
import Testing

@testable import Redactor

@Suite struct AddressTests {
  private let addresses = AddressScrambler(ScrambleKey("test"))

  @Test func `addresses that differ have replacements that differ, and no other kind of address`() {
    var seen: Set<UInt32> = []
    for number in 0..<UInt32(20_000) {
      let image = addresses.ipv4(0x0a00_0000 + number)
      #expect(!IPv4Number.isGroup(image) && !IPv4Number.isFixed(image))
      seen.insert(image)
    }
    #expect(seen.count == 20_000)
    let macs = (0..<2000).map { addresses.mac(0x0016_3e00_0000 + $0) }
    #expect(Set(macs).count == 2000)
    #expect(macs.allSatisfy { $0 & MACNumber.kind == 0 })
    let hosts = (0..<500).map { addresses.ipv6(IPv6Number(high: 0x2001_0db8 << 32, low: $0)) }
    #expect(Set(hosts).count == 500)
    #expect(!hosts.contains { $0.keepsHead || $0.isFixed })
  }

  @Test(arguments: [0x0100_5e00_00fb, 0x3333_0000_0001, 0x0200_0000_0001, 0x0016_3e00_0001])
  func `an Ethernet address keeps whether it is a group's and whether it is local`(
    _ address: UInt64
  ) {
    let image = addresses.mac(address)
    #expect(image != address && image >> 48 == 0)
    #expect(image & MACNumber.kind == address & MACNumber.kind)
  }

  @Test func `a group stays a group, and a link's own address one of a link`() {
    #expect(addresses.ipv4(0xe000_00fb) >> 28 == 0xe)
    #expect(addresses.ipv4(0xe000_00fb) != 0xe000_00fb)
    for high: UInt64 in [0xff02 << 48, 0xfe80 << 48] {
      let image = addresses.ipv6(IPv6Number(high: high, low: 1))
      #expect(image.high >> 48 == high >> 48)
      #expect(image != IPv6Number(high: high, low: 1))
    }
  }

  @Test func `broadcasts and no address at all stay`() {
    for address: UInt64 in [0, 0xffff_ffff_ffff] { #expect(addresses.mac(address) == address) }
    for address: UInt32 in [0, .max] { #expect(addresses.ipv4(address) == address) }
    for low: UInt64 in [0, 1] {
      #expect(addresses.ipv6(IPv6Number(high: 0, low: low)) == IPv6Number(high: 0, low: low))
    }
  }

  @Test func `another key gives other replacements`() {
    let others = AddressScrambler(ScrambleKey("other"))
    #expect(others.mac(0x0016_3e00_0001) != addresses.mac(0x0016_3e00_0001))
    #expect(others.ipv4(0x0a00_0001) != addresses.ipv4(0x0a00_0001))
  }

  @Test(arguments: [
    ("mac=00:16:3e:00:00:01", "mac=?"), ("ip=10.0.0.1/24 10.0.0.2", "ip=?/24 ?"),
    ("at 10.0.0.1:80, then 10.0.0.2.", "at ?:80, then ?."), ("ip=2001:db8::5", "ip=?"),
    ("2001:db8:0:0:1:2:3:4, fe80::1%eth0", "?, ?%eth0"), ("::ffff:10.0.0.1", "::ffff:?"),
    ("mac=ff:ff:ff:ff:ff:ff ip=0.0.0.0", "mac=ff:ff:ff:ff:ff:ff ip=0.0.0.0"),
    ("script=vif-bridge handle=5.0", "script=vif-bridge handle=5.0"),
    ("10.0.0.256 1.2.3 12:30:45 1::2::3", "10.0.0.256 1.2.3 12:30:45 1::2::3"), ("", ""),
    ("\u{e9}=10.0.0.1", "\u{e9}=?"),
  ])
  func `addresses in a text are found, and nothing else is`(_ text: String, _ blank: String) {
    #expect(Replacement.blank.text(for: text) == blank)
  }

  @Test func `an address in a text becomes what it becomes in a frame`() {
    let replacement = Replacement.keyed(Scrambler(ScrambleKey("test")))
    let words = replacement.text(for: "00:16:3e:00:00:01 10.0.0.1 2001:db8::1").split(
      separator: " ")
    #expect(words.count == 3)
    #expect(TextAddress(String(words[0])) == .mac(addresses.mac(0x0016_3e00_0001)))
    #expect(TextAddress(String(words[1])) == .ipv4(addresses.ipv4(0x0a00_0001)))
    let host = IPv6Number(high: 0x2001_0db8 << 32, low: 1)
    #expect(TextAddress(String(words[2])) == .ipv6(addresses.ipv6(host)))
  }
}
