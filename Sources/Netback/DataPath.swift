/// How the data of a guest's packets comes to the backend.
public enum DataPath: String, CaseIterable, Hashable, Sendable {
  /// Xen copies all of it.
  case copy
  /// The first 128 octets are copied, what lies behind them is mapped until the frame is released
  /// (Linux; the series "TX grant mapping instead of copy").
  case map
  /// As `map`, but a packet of 256 octets or less is copied whole (vhost's zero-copy series: a small
  /// copy costs less than a completion).
  case mapLarge = "map-large"
  /// As `copy`, but for pages that the guest has asked to keep mapped: those are read and written
  /// without Xen (staging grants).
  case staged

  /// Octets up to which a packet is copied whole.
  private static let smallPacket: UInt16 = 256

  /// Whether what lies behind the linear area of a packet of this declared length is mapped.
  func maps(packetOf length: UInt16) -> Bool {
    switch self {
    case .copy, .staged: false
    case .map: true
    case .mapLarge: length > Self.smallPacket
    }
  }
}
