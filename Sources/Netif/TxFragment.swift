public import XenInterface
public import XenRing

/// The data of one TX slot, proven to lie inside its granted page.
public struct TxFragment: Hashable, Sendable, BitwiseCopyable {
  /// The page.
  public let grant: GrantReference
  /// First octet in the page.
  public let offset: UInt16
  /// Octets; `offset + size` is at most 4096.
  public let size: UInt16
  /// Whether the page may stay mapped (`TxFlags.persist`).
  public let persists: Bool

  /// Checks that `size` octets from the request's offset on stay in the page.
  ///
  /// An empty slot may start right behind the page, at 4096, as in Linux.
  @inlinable public init?(_ request: TxRequest, size: UInt16) {
    // Widened first: 0xFFFF + 0xFFFF does not fit 16 bits.
    guard UInt32(request.offset) + UInt32(size) <= UInt32(RingLayout.pageSize) else { return nil }
    grant = request.grant
    offset = request.offset
    self.size = size
    persists = request.flags.contains(.persist)
  }

  /// What a request says, over the end of its page or not.
  init(unjudged request: TxRequest, _ size: UInt16) {
    grant = request.grant
    offset = request.offset
    self.size = size
    persists = request.flags.contains(.persist)
  }

  @usableFromInline init(unchecked grant: GrantReference) {
    self.grant = grant
    offset = 0
    size = 0
    persists = false
  }

  /// A fragment of nothing, to fill storage with.
  @inlinable public static var empty: TxFragment {
    TxFragment(unchecked: GrantReference(rawValue: 0))
  }
}
