import Netfront
import PacketCapture
import Synchronization
import WorldConformance
import XenHost
import XenInterface

/// A vif of the kernel's xen-netback in this domain, with our frontend at its other end.
struct KernelVif {
  let front: Netfront
  private let directories: VifDirectories
  private let loop: any WorldLoop

  /// Numbers are not used again: the kernel takes an interface away in its own time.
  private static let nextHandle = Atomic<UInt32>(0)

  /// Makes a vif and connects to it.
  init(_ world: World, _ options: NetfrontOptions = NetfrontOptions()) throws {
    let domain = world.frontend.domain
    let handle = Self.nextHandle.add(1, ordering: .relaxed).oldValue
    let path = VifPath(frontendDomain: domain, handle: VifHandle(rawValue: handle))
    loop = world.loop
    directories = VifDirectories(path, store: world.backend.store)
    front = Netfront(path, xen: world.frontend, loop: world.loop)
    try directories.create()
    try front.waitForBackend(.initWait, until: soon)
    try directories.reportHotplug()
    try front.connect(options, until: soon)
  }

  /// Name of the interface on the backend's side.
  var interface: String {
    "vif\(front.path.frontendDomain.rawValue).\(front.path.handle.rawValue)"
  }

  /// Long enough for anything honest, even in an emulated machine.
  var soon: MonotonicInstant { loop.now.advanced(by: 5_000_000_000) }
  /// Long enough to say that an answer will not come.
  var silence: MonotonicInstant { loop.now.advanced(by: 300_000_000) }

  /// Sets the interface up and listens on it.
  func openInterface() throws -> FrameCapture {
    try NetworkInterface.setUp(interface)
    let capture = try FrameCapture(interface: interface)
    (loop as? HostLoop)?.add(descriptor: capture.descriptor, for: .reading, owner: capture)
    return capture
  }

  /// Closes our end, then takes the vif away.
  func remove() throws {
    try front.close(until: soon)
    try directories.remove(through: loop, until: soon)
    try expect(front.backendState, is: .unknown, "the backend's state after the removal")
  }
}
