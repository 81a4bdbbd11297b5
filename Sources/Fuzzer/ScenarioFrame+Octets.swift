import Netif
import RingCases

extension ScenarioFrame {
  /// Octets of an Ethernet header.
  private static let shortest = 14
  /// All pages one behind the other, then the first once more, and all that once more: so that the longest frame
  /// of the last kind lies in one piece.
  private static let pool = (0..<2).flatMap { _ in
    (0..<ScenarioGrant.pages + 1).flatMap { CasePages.octets(of: $0 % ScenarioGrant.pages) }
  }

  /// The frame: it begins as its page does.
  var octets: ArraySlice<UInt8> {
    Self.pool.dropFirst(Int(kind) * CasePages.byteCount).prefix(max(Int(length), Self.shortest))
  }

  /// What travels beside it.
  var offload: FrameOffload {
    var offload = FrameOffload()
    offload.checksum =
      switch checksum {
      case .unknown: .unknown
      case .partial: .partial
      case .verified: .verified
      }
    if segment > 0 { offload.segmentation = Segmentation(size: segment, type: max(type, 1)) }
    return offload
  }
}
