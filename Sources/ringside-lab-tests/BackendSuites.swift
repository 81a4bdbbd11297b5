import BackendConformance
import WorldConformance
import XenHost

extension LabSuite {
  /// Our frontend against our backend, both on real grants. The kernel's must not be loaded: it
  /// would serve the vifs, too.
  static var halves: LabSuite {
    suite("halves") { loop, count in
      SwiftBackend(xen: try HostXen.connect(loop), loop: loop) { try count.now() }
    }
  }

  /// Our frontend against the kernel's xen-netback. Its netfront must not be loaded.
  static var netfront: LabSuite { suite("netfront", KernelBackend.init) }

  private static func suite(
    _ name: String, _ make: @escaping (HostLoop, HostHoldings) throws -> any BackendUnderTest
  ) -> LabSuite {
    let rows = BackendRows { world in
      guard let loop = world.loop as? HostLoop else {
        throw Unexpected(description: "not the loop of a host")
      }
      return try make(loop, HostHoldings(loop))
    }
    return LabSuite(name, rows.all)
  }
}
