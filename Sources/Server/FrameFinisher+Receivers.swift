public import Netif
public import PacketCapture
import XenRing

extension FrameFinisher {
  /// Hands out a frame that came from the host as guests take frames.
  ///
  /// A guest finds a blank checksum by the frame's headers. Where the host means another place, in a
  /// VLAN or a tunnel, the frame is finished first. One that cannot be is dropped.
  public mutating func readFrame(
    _ octets: RawSpan, behind header: VnetHeader, _ body: (RawSpan, FrameOffload) -> Void
  ) {
    guard let offload = FrameOffload(header) else { return }
    let (start, offset) = (Int(header.checksumStart), Int(header.checksumOffset))
    let place = offload.checksum == .partial ? ChecksumPlace(octets) : nil
    guard offload.checksum == .partial, place?.start != start || place?.offset != offset else {
      return body(octets, offload)
    }
    _ = finish(octets, start: start, offset: offset, offload.segmentation) {
      body($0, FrameOffload(checksum: .verified))
    }
  }

  /// Hands out a frame as a guest with these features can take it: whole, finished, or cut.
  ///
  /// - Returns: whether that was possible.
  public mutating func fit(
    _ octets: RawSpan, _ offload: FrameOffload, to features: NetifFeatures,
    _ body: (RawSpan, FrameOffload) -> Void
  ) -> Bool {
    guard !features.takes(offload, of: octets) else {
      body(octets, offload)
      return true
    }
    guard let place = ChecksumPlace(octets) else { return false }
    return finish(octets, start: place.start, offset: place.offset, offload.segmentation) {
      body($0, FrameOffload(checksum: .verified))
    }
  }
}

extension NetifFeatures {
  /// Whether a guest takes such a frame as it is: fills in its checksum, if it is blank, and cuts it.
  /// Only the first octets are looked at.
  func takes(_ offload: FrameOffload, of octets: RawSpan) -> Bool {
    guard offload.checksum == .partial else { return true }
    let isIPv6 = octets.byteCount >= 14 && octets.networkWord(at: 12) == 0x86dd
    return contains(isIPv6 ? .checksumIPv6 : .checksumIPv4) && cuts(offload)
  }

  fileprivate func cuts(_ offload: FrameOffload) -> Bool {
    switch offload.segmentation?.type {
    case nil: true
    case Segmentation.tcpv4: contains(.gsoTCPv4)
    case Segmentation.tcpv6: contains(.gsoTCPv6)
    default: false
    }
  }
}
