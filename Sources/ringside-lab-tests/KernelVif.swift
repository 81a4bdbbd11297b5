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

  /// Makes a vif, connects to it with its interface up, runs `body` and takes it away again.
  static func with(
    _ options: NetfrontOptions = NetfrontOptions(), in world: World,
    _ body: (KernelVif) throws -> Void
  ) throws {
    let vif = try KernelVif(world)
    defer { vif.front.abandon() }
    do {
      try vif.connect(options)
      try body(vif)
    } catch {
      try? vif.directories.remove(through: vif.loop, until: vif.soon)
      throw error
    }
    try vif.remove()
  }

  private init(_ world: World) throws {
    let domain = world.frontend.domain
    let handle = Self.nextHandle.add(1, ordering: .relaxed).oldValue
    let path = VifPath(frontendDomain: domain, handle: VifHandle(rawValue: handle))
    loop = world.loop
    directories = VifDirectories(path, store: world.backend.store)
    front = Netfront(path, xen: world.frontend, loop: world.loop)
    try directories.create()
    try front.waitForBackend(.initWait, until: soon)
    try directories.reportHotplug()
  }

  /// Connects and sets the interface up; before that the kernel looks at no ring.
  func connect(_ options: NetfrontOptions) throws {
    try front.connect(options, until: soon)
    try NetworkInterface.setUp(interface)
  }

  /// Name of the interface on the backend's side.
  var interface: String {
    "vif\(front.path.frontendDomain.rawValue).\(front.path.handle.rawValue)"
  }

  /// Long enough for anything honest, even in an emulated machine.
  var soon: MonotonicInstant { loop.now.advanced(by: 20_000_000_000) }
  /// Long enough to say that an answer will not come.
  var silence: MonotonicInstant { loop.now.advanced(by: 300_000_000) }

  /// Listens on the interface.
  func openInterface() throws -> FrameCapture {
    let capture = try FrameCapture(interface: interface)
    (loop as? HostLoop)?.add(descriptor: capture.descriptor, for: .reading, owner: capture)
    return capture
  }

  /// Closes our end, then takes the vif away.
  private func remove() throws {
    try front.close(until: soon)
    try directories.remove(through: loop, until: soon)
    try expect(front.backendState, is: .unknown, "the backend's state after the removal")
  }
}
