public import PacketCapture
public import XenHost
public import XenInterface

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
  private let threads: WorkerThreads?

  /// Names the devices: `%d` stands for the domain, `%h` for the handle.
  ///
  /// - Parameters:
  ///   - pattern: the devices' name.
  ///   - loop: the loop of whoever serves the vifs.
  ///   - threads: whose groups take the devices over. A device has a queue for each of its vif then.
  public init(
    _ pattern: String = TapPorts.defaultPattern, loop: HostLoop, threads: WorkerThreads? = nil
  ) {
    self.pattern = pattern
    self.loop = loop
    self.threads = threads
  }

  /// See `PortMaker`.
  public func makePort(for place: VifPlace) throws(CaptureError) -> any FramePort {
    try open(place.filled(into: pattern))
  }

  /// Opens a device, and makes it if need be.
  private func open(_ name: String) throws(CaptureError) -> HostPort {
    guard 1...Self.longestName ~= name.utf8.count else { throw .noInterface }
    let found = NetworkInterface.alias(of: name)
    let link = try FrameLink(tap: name, hasQueues: threads != nil)
    guard found == nil || found == Self.alias else {
      return HostPort(link, loop: loop, threads: threads)
    }
    try NetworkInterface.setAlias(of: name, Self.alias)
    try link.persist(true)
    // It goes with its descriptors, or when nobody holds it.
    return HostPort(link, loop: loop, threads: threads) { try? link.persist(false) }
  }
}
