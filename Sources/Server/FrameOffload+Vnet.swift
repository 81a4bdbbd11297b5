public import Netif
public import PacketCapture

extension VnetHeader {
  /// What a host is told of a frame of a guest's.
  ///
  /// A frame whose headers cannot be read goes as it is; the netback has dropped those with a blank
  /// checksum.
  public init(_ offload: FrameOffload, of frame: RawSpan) {
    self.init()
    guard offload.checksum == .partial else {
      if offload.checksum == .verified { flags = .dataValid }
      return
    }
    guard let place = ChecksumPlace(frame) else { return }
    flags = .needsChecksum
    checksumStart = UInt16(clamping: place.start)
    checksumOffset = UInt16(clamping: place.offset)
    guard let segmentation = offload.segmentation, let length = place.tcpHeaderLength else {
      return
    }
    segments = segmentation.type == Segmentation.tcpv4 ? .tcpv4 : .tcpv6
    segmentSize = segmentation.size
    headerLength = UInt16(clamping: place.start + length)
  }
}

extension FrameOffload {
  /// What a host says of a frame for a guest; nil for a way of cutting that no guest takes.
  public init?(_ header: VnetHeader) {
    self.init()
    if header.flags.contains(.needsChecksum) {
      checksum = .partial
    } else if header.flags.contains(.dataValid) {
      checksum = .verified
    }
    switch header.segments {
    case .none: break
    case .tcpv4: segmentation = Segmentation(size: header.segmentSize, type: Segmentation.tcpv4)
    case .tcpv6: segmentation = Segmentation(size: header.segmentSize, type: Segmentation.tcpv6)
    case .udp: return nil
    }
  }
}
