internal import XenInterface

/// What one entry of a grant table says, packed so that it is read and changed at once.
struct GrantWord: Hashable {
  /// Bits 0-1: flags; bits 8-23: the domain that may use it; bits 24-63: which share it is.
  var rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  init(share: UInt64, domain: DomainID, access: GrantAccess) {
    rawValue = share << 24 | UInt64(domain.rawValue) << 8 | 1
    self.access = access
  }

  /// An entry that nobody may use.
  static var free: GrantWord { GrantWord(rawValue: 0) }

  /// Which share the entry belongs to; later shares have higher numbers.
  var share: UInt64 { rawValue >> 24 }
  /// The domain that may use it.
  var domain: DomainID { DomainID(rawValue: UInt16(truncatingIfNeeded: rawValue >> 8)) }
  /// Whether a new operation may begin.
  var isGranted: Bool {
    get { rawValue & 1 != 0 }
    set { rawValue = newValue ? rawValue | 1 : rawValue & ~1 }
  }
  /// Whether it was granted and is no more; it stays taken while it is mapped.
  var isRevoked: Bool { !isGranted && self != .free }
  /// What the domain may do.
  var access: GrantAccess {
    get { rawValue & 2 != 0 ? .readOnly : .readWrite }
    set { rawValue = newValue == .readOnly ? rawValue | 2 : rawValue & ~2 }
  }
}

/// How often an entry is in use: by mappings that read, mappings that write, and running copies.
struct GrantPins {
  /// Mappings of one kind at which Xen refuses more uses of this kind: Linux pins each mapping
  /// twice, and Xen's 8-bit counters, one for each kind, stop at 128.
  static var limit: UInt64 { 64 }
  /// One running copy.
  static var copy: UInt64 { 1 << 32 }

  var rawValue: UInt64

  /// One mapping.
  static func mapping(_ access: GrantAccess) -> UInt64 {
    access == .readOnly ? 1 : 1 << 16
  }

  var readers: UInt64 { rawValue & 0xffff }
  var writers: UInt64 { rawValue >> 16 & 0xffff }
  var copies: UInt64 { rawValue >> 32 }
  var isMapped: Bool { readers + writers > 0 }
  /// Whether a mapping that is already there allows this access, whatever the entry says now.
  func cover(_ access: GrantAccess) -> Bool { access == .readOnly ? isMapped : writers > 0 }
  /// Whether one more use of this kind would overflow its counter.
  func areExhausted(for access: GrantAccess) -> Bool {
    (access == .readOnly ? readers : writers) >= Self.limit
  }
}

extension GrantWord {
  /// What Xen answers to a use of this entry (C functions `map_grant_ref`, `_set_status_v1` and
  /// `acquire_grant_for_copy`).
  func status(for access: GrantAccess, by user: DomainID, pins: GrantPins) -> GrantStatus {
    guard domain == user, !pins.areExhausted(for: access) else { return .generalError }
    let isOpen = isGranted && (access == .readOnly || self.access == .readWrite)
    return isOpen || pins.cover(access) ? .okay : .generalError
  }
}
