public import PacketCapture
public import XenInterface

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

  /// A pattern with the domain for `%d` and the handle for `%h`.
  public func filled(into pattern: String) -> String {
    var (name, isMark) = ("", false)
    for character in pattern {
      switch (isMark, character) {
      case (false, "%"):
        isMark = true
        continue
      case (true, "d"): name += "\(domain.rawValue)"
      case (true, "h"): name += "\(handle.rawValue)"
      default: name.append(character)
      }
      isMark = false
    }
    return name
  }
}

/// Makes the ports of vifs as they appear.
public protocol PortMaker: AnyObject {
  /// Ports that no vif owns; whoever drives the vifs drives them too.
  var sharedPorts: [any FramePort] { get }
  /// Makes the port of a vif.
  func makePort(for place: VifPlace) throws(CaptureError) -> any FramePort
}
