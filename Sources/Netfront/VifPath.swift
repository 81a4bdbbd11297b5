public import XenInterface

/// Where a vif stands in the store: a directory for each end.
public struct VifPath: Hashable, Sendable {
  /// The domain that serves it.
  public let backendDomain: DomainID
  /// The guest.
  public let frontendDomain: DomainID
  /// The device number.
  public let handle: VifHandle

  /// Names a vif.
  public init(
    backendDomain: DomainID = .control, frontendDomain: DomainID, handle: VifHandle
  ) {
    self.backendDomain = backendDomain
    self.frontendDomain = frontendDomain
    self.handle = handle
  }

  /// The backend's directory.
  public var backend: String {
    let guest = frontendDomain.rawValue
    return "/local/domain/\(backendDomain.rawValue)/backend/vif/\(guest)/\(handle.rawValue)"
  }

  /// The frontend's directory.
  public var frontend: String {
    "/local/domain/\(frontendDomain.rawValue)/device/vif/\(handle.rawValue)"
  }
}
