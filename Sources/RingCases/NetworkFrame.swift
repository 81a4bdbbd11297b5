public import Netif
import XenRing

/// A frame that a backend is given for the guest, as its network side delivers it.
public struct NetworkFrame: Hashable, Sendable {
  /// The octets.
  public var octets: [UInt8]
  /// What travels beside them.
  public var offload: FrameOffload
  /// Where the transport header begins, in a frame whose checksum is blank.
  public let transportStart: Int
  /// Where the checksum stands, from there.
  public let checksumOffset: Int
  /// Octets of headers that each segment gets, in a frame that is still to be cut.
  public let headerLength: Int

  /// Takes a frame of a case.
  public init(_ frame: CaseFrame) {
    octets = frame.octets
    offload = frame.offload
    transportStart = frame.transportStart
    checksumOffset = frame.checksumOffset
    headerLength = frame.transportStart + 20
  }

  /// Takes a frame of anybody's; nil when its headers cannot be read as far as what travels beside it is
  /// about.
  public init?(_ octets: [UInt8], _ offload: FrameOffload) {
    self.octets = octets
    self.offload = offload
    guard offload.checksum == .partial else {
      guard offload.segmentation == nil else { return nil }
      (transportStart, checksumOffset, headerLength) = (0, 0, 0)
      return
    }
    guard let place = ChecksumPlace(octets.span.octets) else { return nil }
    guard offload.segmentation == nil || place.tcpHeaderLength != nil else { return nil }
    transportStart = place.start
    checksumOffset = place.offset
    headerLength = place.start + (place.tcpHeaderLength ?? 0)
  }
}
