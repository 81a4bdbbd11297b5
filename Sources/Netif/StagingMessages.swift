public import XenInterface
import XenRing

/// An entry of the list that a staging message points at (C type `xen_netif_gref`, 8 octets). Untrusted.
public struct StagedGrant: Hashable, Sendable {
  /// Octets of an entry.
  public static var octetCount: Int { 8 }
  /// Entries that a list has at most: a page.
  public static var listLimit: Int { RingLayout.pageSize / octetCount }
  /// Bit of `flags`: the backend may only read the page (C: `XEN_NETIF_CTRLF_GREF_readonly`).
  public static var readOnly: UInt16 { 1 }

  /// The page.
  public var grant: GrantReference
  /// What may be done with it.
  public var flags: UInt16
  /// What became of the entry (`ControlStatus`); the backend writes it, of a deletion only.
  public var status: UInt16

  /// Describes an entry.
  public init(grant: GrantReference, isReadOnly: Bool, status: UInt16 = 0) {
    self.grant = grant
    flags = isReadOnly ? Self.readOnly : 0
    self.status = status
  }

  /// Whether the backend may only read the page; other bits say nothing.
  public var isReadOnly: Bool { flags & Self.readOnly != 0 }

  /// Reads the entry at place `place` of a list.
  ///
  /// - Precondition: the list has it.
  public init(in list: RawSpan, at place: Int) {
    func word(_ octet: Int) -> UInt32 {
      (0..<4).reduce(0) {
        $0 | UInt32(list.octet(at: place * Self.octetCount + octet + $1)) << UInt32(8 * $1)
      }
    }
    grant = GrantReference(rawValue: word(0))
    flags = UInt16(truncatingIfNeeded: word(4))
    status = UInt16(truncatingIfNeeded: word(4) >> 16)
  }

  /// The entry as it stands in a list.
  public var octets: [UInt8] {
    let low = grant.rawValue
    let high = UInt32(flags) | UInt32(status) << 16
    return [low, high].flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
    }
  }
}
