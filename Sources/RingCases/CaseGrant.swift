import XenInterface

/// What stands in a slot's grant field.
public enum CaseGrant: Hashable, Sendable {
  /// One of the pages that the case's player has granted.
  case page(UInt8)
  /// A reference that was never granted.
  case unknown
  /// A page that was granted and taken back.
  case revoked
}

extension CaseGrant {
  /// The reference itself.
  ///
  /// - Parameter revoked: that of a page that was taken back, where there was one.
  func reference(among pages: [GrantReference], revoked: GrantReference?) -> GrantReference {
    switch self {
    case .page(let page): pages[Int(page)]
    case .unknown: GrantReference(rawValue: 0x7fff_fff0)
    case .revoked: revoked ?? GrantReference(rawValue: 0x7fff_fff1)
    }
  }
}
