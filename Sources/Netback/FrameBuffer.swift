import Netif
import XenRing

/// The octets of a poll's frames, one after the other.
struct FrameBuffer: Sendable {
  /// As many as a full ring can bring: 256 slots of a page each.
  static let byteCount = 256 * 4096

  /// The storage, allocated once.
  var octets = [UInt8](repeating: 0, count: byteCount)

  /// Runs `body` over all octets.
  mutating func withOctets(_ body: (inout MutableRawSpan) -> Void) {
    var storage = octets.mutableSpan
    var bytes = storage.octets
    body(&bytes)
  }
}

// Finds the transport checksum that a guest left blank (Linux: `skb_checksum_setup`). A frame whose
// headers cannot be read that far is dropped, though its slots are answered as taken.
extension FrameBuffer {
  private static let tcp: UInt8 = 6
  private static let udp: UInt8 = 17

  /// A frame's network layer: where it starts and ends in `octets`.
  private struct Layer {
    var start: Int
    var length: Int
  }

  /// Reads the headers of a frame with a blank checksum.
  ///
  /// - Precondition: the frame has an Ethernet header and lies in the buffer.
  /// - Parameter recalculate: also put the pseudo header's sum in place (a GSO frame that forgot to
  ///   say that its checksum is blank).
  /// - Returns: whether the headers could be read; if not, the frame is to be dropped.
  mutating func setUpChecksum(start: Int, length: Int, recalculate: Bool) -> Bool {
    let header = Int(NetifLimits.ethernetHeader)
    let layer = Layer(start: start + header, length: length - header)
    switch word(start + 12) {
    case 0x0800: return setUpIPv4(layer, recalculate)
    case 0x86dd: return setUpIPv6(layer, recalculate)
    default: return false
    }
  }

  private func word(_ at: Int) -> UInt16 { UInt16(octets[at]) << 8 | UInt16(octets[at + 1]) }

  private mutating func setUpIPv4(_ layer: Layer, _ recalculate: Bool) -> Bool {
    guard layer.length >= 20 else { return false }
    let isFragment = word(layer.start + 6) & 0x3fff != 0
    guard !isFragment else { return false }
    let transport = Int(octets[layer.start] & 0xf) * 4
    return setUpTransport(
      layer, octets[layer.start + 9], at: transport,
      addresses: recalculate ? (layer.start + 12)..<(layer.start + 20) : nil)
  }

  private mutating func setUpIPv6(_ layer: Layer, _ recalculate: Bool) -> Bool {
    guard layer.length >= 40 else { return false }
    var next = octets[layer.start + 6]
    var offset = 40
    let end = 40 + Int(word(layer.start + 4))
    while offset <= end {
      guard let header = extensionHeader(next) else {
        return setUpTransport(
          layer, next, at: offset,
          addresses: recalculate ? (layer.start + 8)..<(layer.start + 40) : nil)
      }
      guard offset + header.needed <= layer.length else { return false }
      let at = layer.start + offset
      if next == 44, word(at + 2) & 0xfff9 != 0 { return false }
      next = octets[at]
      offset += header.length(octets[at + 1])
    }
    return false
  }

  private struct ExtensionHeader {
    var needed: Int
    var length: (UInt8) -> Int
  }

  private func extensionHeader(_ type: UInt8) -> ExtensionHeader? {
    switch type {
    case 0, 43, 60: ExtensionHeader(needed: 2) { (Int($0) + 1) * 8 }
    case 51: ExtensionHeader(needed: 12) { (Int($0) + 2) * 4 }
    case 44: ExtensionHeader(needed: 8) { _ in 8 }
    default: nil
    }
  }

  private mutating func setUpTransport(
    _ layer: Layer, _ type: UInt8, at offset: Int, addresses: Range<Int>?
  ) -> Bool {
    let needed: Int
    let checksum: Int
    switch type {
    case Self.tcp: (needed, checksum) = (20, 16)
    case Self.udp: (needed, checksum) = (8, 6)
    default: return false
    }
    guard offset + needed <= layer.length else { return false }
    if let addresses {
      let sum = pseudoHeaderSum(addresses, type: type, length: layer.length - offset)
      octets[layer.start + offset + checksum] = UInt8(truncatingIfNeeded: sum >> 8)
      octets[layer.start + offset + checksum + 1] = UInt8(truncatingIfNeeded: sum)
    }
    return true
  }

  private func pseudoHeaderSum(_ addresses: Range<Int>, type: UInt8, length: Int) -> UInt16 {
    var sum = UInt32(type) + UInt32(length)
    for at in stride(from: addresses.lowerBound, to: addresses.upperBound, by: 2) {
      sum += UInt32(word(at))
    }
    while sum > 0xffff { sum = (sum >> 16) + (sum & 0xffff) }
    return UInt16(truncatingIfNeeded: sum)
  }
}
