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
  /// As `map`, but a frame's pages are mapped when somebody first asks for their octets: a frame that
  /// is only forwarded from vif to vif maps nothing.
  case lazy
  /// As `staged`, but the guest asks by a flag in each request (`TxFlags.persist`).
  case persistent
  /// As `lazy`; a frontend that knows of it leaves the first octets of its packets in pages that stay
  /// mapped (`HeaderArea`).
  case header
  /// As `copy`, but for pages that the guest has asked to keep mapped: those are read and written
  /// without Xen (staging grants).
  case staged

  /// Octets up to which a packet is copied whole.
  private static let smallPacket: UInt16 = 256

  /// Whether a queue's data is reached through nothing but the device of whoever serves it; if not, no
  /// group serves it, but the worker that follows the store.
  public var suitsGroups: Bool { !keepsPages && self != .header }

  /// Whether pages of the guest's stay mapped from poll to poll, as it asks.
  public var keepsPages: Bool { self == .staged || self == .persistent }

  /// Whether pages are mapped only when somebody asks for their octets.
  var isLazy: Bool { self == .lazy || self == .header }

  /// Declared length up to which a packet is copied whole; `nil` where that goes by no length.
  package var copiedLength: UInt16? {
    switch self {
    case .copy, .staged, .persistent: .max
    case .map, .lazy, .header: nil
    case .mapLarge: Self.smallPacket
    }
  }

  /// Whether what lies behind the linear area of a packet of this declared length is mapped.
  func maps(packetOf length: UInt16) -> Bool { copiedLength.map { length > $0 } ?? true }
}
