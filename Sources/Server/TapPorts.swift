public import PacketCapture
public import XenHost
import XenInterface

/// A tap device for each vif.
///
/// The devices stay when the process is killed, so that addresses and bridges outlive it, and go when
/// their vif goes. A device that an administrator has made is used as it is and left there.
public final class TapPorts: PortMaker {
  /// The alias by which devices of ours are known.
  public static let alias = "ringside serve"
  /// Names as the kernel's netback gives them, which hotplug scripts expect.
  public static let defaultPattern = "vif%d.%h"
  /// Octets of an interface's name at most (C: `IFNAMSIZ` - 1).
  private static let longestName = 15

  /// See `PortMaker`.
  public let sharedPorts: [any FramePort] = []
  private let pattern: String
  private let loop: HostLoop

  /// Names the devices: `%d` stands for the domain, `%h` for the handle.
  public init(_ pattern: String = TapPorts.defaultPattern, loop: HostLoop) {
    self.pattern = pattern
    self.loop = loop
  }

  /// See `PortMaker`.
  public func makePort(for place: VifPlace) throws(CaptureError) -> any FramePort {
    try Self.open(place.filled(into: pattern), loop: loop)
  }

  /// Opens a device, and makes it if need be.
  static func open(_ name: String, loop: HostLoop) throws(CaptureError) -> HostPort {
    guard 1...longestName ~= name.utf8.count else { throw .noInterface }
    let found = NetworkInterface.alias(of: name)
    let link = try FrameLink(tap: name)
    guard found == nil || found == alias else { return HostPort(link, loop: loop) }
    try NetworkInterface.setAlias(of: name, alias)
    try link.persist(true)
    // It goes with its descriptor, or when nobody holds it.
    return HostPort(link, loop: loop) { try? link.persist(false) }
  }
}
