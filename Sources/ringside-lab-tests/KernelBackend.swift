import BackendConformance
import FoundationEssentials
import Netfront
import PacketCapture
import XenHost
import XenInterface

/// The kernel's xen-netback in this domain as the backend under test.
final class KernelBackend: BackendUnderTest {
  private let loop: HostLoop
  private let count: HostHoldings

  init(_ loop: HostLoop, _ count: HostHoldings) {
    self.loop = loop
    self.count = count
  }

  var holdings: Holdings { get throws { try count.now() } }

  func serve(_ path: VifPath) -> any ServedVif { KernelVif(path, loop) }

  func end() {}
}

/// A vif of the kernel's, and the interface it shows.
private final class KernelVif: ServedVif {
  private let interface: String
  private let loop: HostLoop
  private var capture: FrameCapture?

  init(_ path: VifPath, _ loop: HostLoop) {
    interface = VifPlace(domain: path.frontendDomain, handle: path.handle).description
    self.loop = loop
  }

  var hasCarrier: Bool {
    let shown = FileManager.default.contents(atPath: "/sys/class/net/\(interface)/carrier")
    return shown?.first == UInt8(ascii: "1")
  }

  /// Sets the interface up, for before that the kernel looks at no ring, and listens on it.
  func bringUp() throws {
    try NetworkInterface.setUp(interface)
    guard capture == nil else { return }
    let capture = try FrameCapture(interface: interface)
    loop.add(descriptor: capture.descriptor, for: .reading, owner: capture)
    self.capture = capture
  }

  func send(_ octets: RawSpan) throws { try capture?.inject(octets) }

  func takeFrame() throws -> [UInt8]? { try capture?.nextFrame()?.octets }

  func retire() { capture = nil }
}
