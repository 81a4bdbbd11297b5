/// A domain's number (C type `domid_t`).
public struct DomainID: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  /// The number as Xen and the store write it.
  public var rawValue: UInt16
  /// Takes a number as Xen and the store write it.
  public init(rawValue: UInt16) { self.rawValue = rawValue }
  /// The control domain, dom0.
  public static var control: DomainID { DomainID(rawValue: 0) }
}

/// A grant reference: the index of an entry in the granting domain's table (C type `grant_ref_t`).
public struct GrantReference: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  /// The table index.
  public var rawValue: UInt32
  /// Takes a table index, which a guest may have made up.
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// An event channel port of the domain that holds it (C type `evtchn_port_t`).
public struct EventChannelPort: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  /// The port number.
  public var rawValue: UInt32
  /// Takes a port number.
  public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// The device number of a vif within its domain: `vif5.0` is domain 5, handle 0.
public struct VifHandle: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  /// The number in `backend/vif/DOMAIN/HANDLE`.
  public var rawValue: UInt32
  /// Takes the number in `backend/vif/DOMAIN/HANDLE`.
  public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// A reading of a clock that never goes back. The core is handed one; it never asks for it.
public struct MonotonicInstant: Hashable, Sendable, Comparable, BitwiseCopyable {
  /// Nanoseconds since some fixed start.
  public var nanoseconds: UInt64
  /// Takes nanoseconds since some fixed start.
  public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }
  /// Orders by time.
  public static func < (earlier: Self, later: Self) -> Bool {
    earlier.nanoseconds < later.nanoseconds
  }
  /// The instant `nanoseconds` later; it stays at the end of time when it would pass it.
  public func advanced(by nanoseconds: UInt64) -> MonotonicInstant {
    let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
    return MonotonicInstant(nanoseconds: overflow ? .max : sum)
  }
}
