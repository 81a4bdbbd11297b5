import BackendConformance
import Netback
import WorldConformance
import XenHost
import XenInterface

extension LabSuite {
  /// Our frontend against our backend, both on real grants. The kernel's must not be loaded: it
  /// would serve the vifs, too.
  static var halves: LabSuite { halves("halves", path: .copy) }

  /// The same with the data of packets mapped.
  static var mappedHalves: LabSuite { halves("halves-map", path: .map) }

  /// The same with what is mapped when somebody asks for it.
  static var lazyHalves: LabSuite { halves("halves-lazy", path: .lazy) }

  /// The same with all of the guest's pages kept mapped.
  static var stagedHalves: LabSuite { halves("halves-staged", path: .staged) }

  private static func halves(_ name: String, path: DataPath) -> LabSuite {
    suite(name) { loop, count in
      SwiftBackend(xen: try HostXen.connect(loop), loop: loop, path: path) { try count.now() }
    }
  }

  /// Our frontend against the kernel's xen-netback. Its netfront must not be loaded.
  static var netfront: LabSuite { suite("netfront", KernelBackend.init) }

  /// A guest that is cut off by the kernel's xen-netback, on the vif 0.0 that a job has made.
  static var cutOff: LabSuite {
    LabSuite("cut-off", [rows(KernelBackend.init).watchedCutOff(of: VifHandle(rawValue: 0))])
  }

  /// A guest that talks over its control ring to the kernel's xen-netback, on the vif 0.0 that a job
  /// has made. Halfway it waits until the job has changed recorders.
  static var control: LabSuite {
    let row = rows(KernelBackend.init).watchedControl(of: VifHandle(rawValue: 0)) {
      try Rendezvous.wait()
    }
    return LabSuite("control", [row])
  }

  private typealias Maker = (HostLoop, HostHoldings) throws -> any BackendUnderTest

  private static func suite(_ name: String, _ make: @escaping Maker) -> LabSuite {
    LabSuite(name, rows(make).all)
  }

  private static func rows(_ make: @escaping Maker) -> BackendRows {
    BackendRows { world in
      guard let loop = world.loop as? HostLoop else {
        throw Unexpected(description: "not the loop of a host")
      }
      return try make(loop, HostHoldings(loop))
    }
  }
}
