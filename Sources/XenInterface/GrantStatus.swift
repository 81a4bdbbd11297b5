/// What the hypervisor answered to one grant operation (C constants `GNTST_*`).
///
/// Anything but `okay` is a failure, positive values too: Xen once returned +1 (XSA-316).
public struct GrantStatus: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  /// The number as Xen writes it.
  public var rawValue: Int16
  /// Takes a number as Xen writes it, known to us or not.
  @inlinable public init(rawValue: Int16) { self.rawValue = rawValue }

  /// Done.
  public static var okay: GrantStatus { GrantStatus(rawValue: 0) }
  /// General undefined error; also a grant that is pinned too often.
  public static var generalError: GrantStatus { GrantStatus(rawValue: -1) }
  /// No such domain.
  public static var badDomain: GrantStatus { GrantStatus(rawValue: -2) }
  /// Unrecognised or inappropriate grant reference.
  public static var badGrantReference: GrantStatus { GrantStatus(rawValue: -3) }
  /// Unrecognised map handle.
  public static var badHandle: GrantStatus { GrantStatus(rawValue: -4) }
  /// Inappropriate virtual address.
  public static var badVirtualAddress: GrantStatus { GrantStatus(rawValue: -5) }
  /// Inappropriate device address.
  public static var badDeviceAddress: GrantStatus { GrantStatus(rawValue: -6) }
  /// Out of space in the device's translation table.
  public static var noDeviceSpace: GrantStatus { GrantStatus(rawValue: -7) }
  /// The grant does not allow this access.
  public static var permissionDenied: GrantStatus { GrantStatus(rawValue: -8) }
  /// The page is not of a kind that can be granted.
  public static var badPage: GrantStatus { GrantStatus(rawValue: -9) }
  /// A copy's offset and length cross a page.
  public static var badCopyArgument: GrantStatus { GrantStatus(rawValue: -10) }
  /// The address does not fit.
  public static var addressTooBig: GrantStatus { GrantStatus(rawValue: -11) }
  /// The operation was not done; it may be tried again.
  public static var tryAgain: GrantStatus { GrantStatus(rawValue: -12) }
  /// Out of space.
  public static var noSpace: GrantStatus { GrantStatus(rawValue: -13) }
  /// What a status field is filled with before the operation, so that one that Xen left unwritten
  /// reads as a failure (XSA-318). Not a value of Xen's.
  public static var unwritten: GrantStatus { GrantStatus(rawValue: .min) }
}
