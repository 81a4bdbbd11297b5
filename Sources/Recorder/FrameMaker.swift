import Netif
import XenInterface

/// Makes frames that a guest or a network would send, with headers that fit their offload.
struct FrameMaker {
  /// What a frame is for.
  enum Kind: CaseIterable {
    case ping, datagram, acknowledgement, bulk, arp
  }

  /// What payloads are cut from.
  private static let pattern = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 / 251 &+ $0) }

  private var random: SeededGenerator
  private var count: UInt16 = 0
  private let largest: Int

  /// Makes frames whose payload has `largest` octets at most.
  init(seed: UInt64, largest: Int) {
    random = SeededGenerator(seed: seed)
    self.largest = min(max(largest, 1), 65_000)
  }

  /// The next frame: mostly bulk and its acknowledgements, as of a download with a ping beside it.
  mutating func next() -> (octets: [UInt8], offload: FrameOffload) {
    let kinds: [Kind] = [.bulk, .bulk, .bulk, .acknowledgement, .datagram, .datagram, .ping, .arp]
    return make(kinds[Int(random.next() % UInt64(kinds.count))])
  }

  mutating func make(_ kind: Kind) -> (octets: [UInt8], offload: FrameOffload) {
    count &+= 1
    switch kind {
    case .arp: return (frame(type: 0x0806, [UInt8](repeating: 1, count: 28)), FrameOffload())
    case .ping:
      return (packet(protocol: 1, header: 8, payload: 56), FrameOffload(checksum: .verified))
    case .datagram:
      let length = Int(random.next() % UInt64(min(largest, 1400)))
      return (packet(protocol: 17, header: 8, payload: length), FrameOffload(checksum: .partial))
    case .acknowledgement:
      return (packet(protocol: 6, header: 20, payload: 0), FrameOffload(checksum: .partial))
    case .bulk:
      let length = 1 + Int(random.next() % UInt64(largest))
      let segmentation = Segmentation(size: 1448, type: Segmentation.tcpv4)
      return (
        packet(protocol: 6, header: 20, payload: length),
        FrameOffload(checksum: .partial, segmentation: length > 1448 ? segmentation : nil)
      )
    }
  }

  /// A transport header of zeros but for ports and a number, then a payload that names the frame.
  private mutating func packet(protocol number: UInt8, header: Int, payload: Int) -> [UInt8] {
    let length = 20 + header + payload
    var octets: [UInt8] = [
      0x45, 0, UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
      UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count), 0x40, 0, 64, number,
      0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    ]
    octets += [0x9c, 0x40, 0x14, 0x51] + [UInt8](repeating: 0, count: header - 4)
    if number == 6 { octets[20 + 12] = 0x50 }
    let start = Int(random.next() % 256)
    octets += Self.pattern[start..<(start + payload)]
    return frame(type: 0x0800, octets)
  }

  private func frame(type: UInt16, _ rest: [UInt8]) -> [UInt8] {
    let addresses: [UInt8] = [
      0x00, 0x16, 0x3e, 0, 0, 2, 0x00, 0x16, 0x3e, 0, 0, 1,
    ]
    return addresses + [UInt8(type >> 8), UInt8(truncatingIfNeeded: type)] + rest
  }
}
