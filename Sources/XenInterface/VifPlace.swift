/// A vif's place: the guest's domain and the device number.
public struct VifPlace: Hashable, Sendable, CustomStringConvertible {
  /// The guest.
  public var domain: DomainID
  /// The device number.
  public var handle: VifHandle

  /// Names a place.
  public init(domain: DomainID, handle: VifHandle) {
    self.domain = domain
    self.handle = handle
  }

  /// As the kernel names its interface: `vif5.0`.
  public var description: String { "vif\(domain.rawValue).\(handle.rawValue)" }
}
