import Netif
import RingCases

extension ScenarioFrame {
  /// Octets of an Ethernet header.
  private static let shortest = 14
  /// All pages one behind the other, and the first once more.
  private static let pool = (0..<ScenarioGrant.pages + 1).flatMap { CasePages.octets(of: $0 % 16) }

  /// The frame: it begins as its page does.
  var octets: [UInt8] {
    let start = Int(kind) * CasePages.byteCount
    let count = max(Int(length), Self.shortest)
    let end = min(start + count, Self.pool.count)
    return Array(Self.pool[start..<end]) + Array(Self.pool[..<(count - (end - start))])
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
