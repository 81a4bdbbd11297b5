public import Netif
import XenRing

/// A frame that cases give a backend for the guest: the same octets on every machine.
public struct CaseFrame: Hashable, Sendable {
  /// Octets.
  public var length: Int
  /// What its headers are: a place in `FrameTemplate.all`.
  public var kind: Int
  /// What travels beside the octets.
  public var offload = FrameOffload()
  /// Tells frames of one length apart.
  public var number = 0

  /// A frame with all its checksums, as a network delivers it.
  package init(_ length: Int, kind: Int = 0, number: Int = 0) {
    self.length = length
    self.kind = kind
    self.number = number
  }

  /// A frame whose checksum is blank.
  package static func unfinished(_ length: Int, kind: Int) -> CaseFrame {
    var frame = CaseFrame(length, kind: kind)
    frame.offload.checksum = .partial
    return frame
  }

  /// A TCP frame that is still to be cut.
  package static func uncut(_ length: Int, segment: UInt16, isIPv6: Bool = false) -> CaseFrame {
    var frame = unfinished(length, kind: isIPv6 ? FrameTemplate.tcpv6 : FrameTemplate.tcpv4)
    frame.offload.segmentation = Segmentation(
      size: segment, type: isIPv6 ? Segmentation.tcpv6 : Segmentation.tcpv4)
    return frame
  }

  /// The frame's octets. The headers' length is right, so that the frame can be cut.
  public var octets: [UInt8] {
    let start = number * 61 % 4096
    var octets = Array(Self.pattern[start..<start + length])
    let head = FrameTemplate.all[kind].octets.prefix(length)
    octets.replaceSubrange(0..<head.count, with: head)
    if offload.checksum == .partial { setLengths(&octets) }
    return octets
  }

  /// Where the transport header begins in a frame whose checksum is blank.
  public var transportStart: Int { kind >= FrameTemplate.tcpv6 ? 54 : 34 }
  /// Where the checksum stands, from there.
  public var checksumOffset: Int { kind % 2 == 0 ? 16 : 6 }

  /// The length in the network header, and the sum of the pseudo header in place of the checksum.
  private func setLengths(_ octets: inout [UInt8]) {
    let isIPv6 = kind >= FrameTemplate.tcpv6
    func put(_ value: Int, at place: Int) {
      octets[place] = UInt8(truncatingIfNeeded: value >> 8)
      octets[place + 1] = UInt8(truncatingIfNeeded: value)
    }
    put(length - (isIPv6 ? 54 : 14), at: isIPv6 ? 18 : 16)
    let next = Int(octets[isIPv6 ? 20 : 23])
    let addresses = isIPv6 ? 22..<54 : 26..<34
    var sum = next + length - transportStart
    for place in stride(from: addresses.lowerBound, to: addresses.upperBound, by: 2) {
      sum += Int(octets[place]) << 8 | Int(octets[place + 1])
    }
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    put(sum, at: transportStart + checksumOffset)
  }

  /// As in `CasePages`, no octet is above 0x7f.
  private static let pattern = (0..<18).flatMap(CasePages.pattern)
}
