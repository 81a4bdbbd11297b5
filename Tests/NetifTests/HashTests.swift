import Netif
import Testing
import XenRing

/// The published vectors of Toeplitz, in frames.
struct HashVector: Sendable, CustomTestStringConvertible {
  var source: [UInt8]
  var target: [UInt8]
  var ports: [UInt16]
  var addresses: UInt32
  var withPorts: UInt32
  var testDescription: String { "\(source)" }

  static let all = [
    HashVector(
      source: [66, 9, 149, 187], target: [161, 142, 100, 80], ports: [2794, 1766],
      addresses: 0x323e_8fc2, withPorts: 0x51cc_c178),
    HashVector(
      source: [199, 92, 111, 2], target: [65, 69, 140, 83], ports: [14230, 4739],
      addresses: 0xd718_262a, withPorts: 0xc626_b0ea),
    HashVector(
      source: [0x3f, 0xfe, 0x25, 0x01, 0x02, 0, 0x1f, 0xff, 0, 0, 0, 0, 0, 0, 0, 7],
      target: [0x3f, 0xfe, 0x25, 0x01, 0x02, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1],
      ports: [2794, 1766], addresses: 0x2cc1_8cd5, withPorts: 0x4020_7d3d),
  ]

  var isVersion6: Bool { source.count == 16 }

  /// A frame with these addresses and ports; `between` stands before the transport header.
  func frame(
    protocol number: UInt8 = 6, fragment: UInt16 = 0, between: [UInt8] = [], cut: Int = 0
  ) -> [UInt8] {
    let ends = ports.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    var frame = [UInt8](repeating: 2, count: 12)
    if isVersion6 {
      frame += [0x86, 0xdd, 0x60, 0, 0, 0, 0, 20, number, 64] + source + target
    } else {
      let words = UInt8(5 + between.count / 4)
      frame += [0x08, 0x00, 0x40 | words, 0, 0, 40, 0, 1]
      frame += [UInt8(fragment >> 8), UInt8(truncatingIfNeeded: fragment), 64, number, 0, 0]
      frame += source + target
    }
    return (frame + between + ends + [UInt8](repeating: 0, count: 16)).dropLast(cut)
  }
}

@Suite struct HashTests {
  private static let key = ToeplitzKey(
    ([
      0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f,
      0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
      0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
    ] as [UInt8]).span.octets)

  private func hash(_ frame: [UInt8], _ types: HashTypes) -> FlowHash? {
    FlowKey(frame.span.octets, types: types)?.hash(with: Self.key)
  }

  @Test(arguments: HashVector.all)
  func `the published vectors come out`(_ vector: HashVector) {
    let plain: HashTypes = vector.isVersion6 ? .ipv6 : .ipv4
    let first: UInt8 = vector.isVersion6 ? 2 : 0
    let frame = vector.frame()
    #expect(hash(frame, plain) == FlowHash(value: vector.addresses, type: first))
    #expect(hash(frame, .all) == FlowHash(value: vector.withPorts, type: first + 1))
  }

  @Test(arguments: HashVector.all)
  func `what is no TCP is hashed by its addresses`(_ vector: HashVector) {
    #expect(hash(vector.frame(protocol: 17), .all)?.value == vector.addresses)
    let withPorts: HashTypes = vector.isVersion6 ? .ipv6TCP : .ipv4TCP
    #expect(hash(vector.frame(protocol: 17), withPorts) == nil)
  }

  @Test(arguments: [0x2000, 0x0001, 0x3fff] as [UInt16])
  func `a fragment has no ports`(_ field: UInt16) {
    let vector = HashVector.all[0]
    #expect(hash(vector.frame(fragment: field), .all)?.value == vector.addresses)
    #expect(hash(vector.frame(fragment: 0x4000), .all)?.value == vector.withPorts)
  }

  @Test func `headers before the ports are stepped over`() {
    let options = HashVector.all[0].frame(between: [1, 1, 1, 1])
    #expect(hash(options, .all)?.value == HashVector.all[0].withPorts)
    let padded = HashVector.all[2].frame(protocol: 0, between: [6, 0, 1, 4, 0, 0, 0, 0])
    #expect(hash(padded, .all)?.value == HashVector.all[2].withPorts)
    let fragment = HashVector.all[2].frame(protocol: 44, between: [6, 0, 0, 1, 0, 0, 0, 9])
    #expect(hash(fragment, .all)?.value == HashVector.all[2].addresses)
  }

  @Test(arguments: HashVector.all)
  func `a frame cut short gives a hash or none, never a trap`(_ vector: HashVector) {
    let whole = vector.frame(
      protocol: vector.isVersion6 ? 0 : 6, between: [6, 255, 1, 4, 0, 0, 0, 0])
    for cut in 0...whole.count {
      let hash = hash(Array(whole.dropLast(cut)), .all)
      let header = vector.isVersion6 ? 54 : 34
      #expect(whole.count - cut >= header || hash == nil)
    }
  }

  @Test func `frames of other protocols have no hash`() {
    var frame = HashVector.all[0].frame()
    frame[13] = 6
    #expect(hash(frame, .all) == nil)
    #expect(hash(HashVector.all[0].frame(), []) == nil)
    #expect(hash([], .all) == nil)
  }

  @Test func `missing octets of a key are zeros`() {
    let short = ToeplitzKey(([0xff] as [UInt8]).span.octets)
    #expect(short.hash(([0x80, 0, 0, 0] as [UInt8]).span.octets) == 0xff00_0000)
    #expect(short.hash(([0, 0x80, 0, 0] as [UInt8]).span.octets) == 0)
    #expect(ToeplitzKey().hash(([0xff, 0xff] as [UInt8]).span.octets) == 0)
  }
}
