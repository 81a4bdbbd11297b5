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

  /// The same with the first octets of packets in a header area.
  static var headerHalves: LabSuite { halves("halves-header", path: .header) }

  /// The same with pages that stay mapped because their requests say so.
  static var persistentHalves: LabSuite { halves("halves-persistent", path: .persistent) }

  /// The same with all of the guest's pages kept mapped.
  static var stagedHalves: LabSuite { halves("halves-staged", path: .staged) }

  /// The same with two groups of workers, each with event channels and grants of its own.
  static var groupedHalves: LabSuite { halves("halves-groups", path: .copy, groups: 2) }

  private static func halves(_ name: String, path: DataPath, groups: Int = 0) -> LabSuite {
    suite(name) { loop, count in
      let interfaces = try (0..<groups).map { _ in try HostXen.connect(loop) }
      let xen = try HostXen.connect(loop)
      return SwiftBackend(xen: xen, loop: loop, path: path, groups: interfaces) {
        try count.now()
      }
    }
  }

  /// Our frontend against the kernel's xen-netback. Its netfront must not be loaded.
  static var netfront: LabSuite {
    LabSuite("netfront", rows(KernelBackend.init).all) { $0 is DeafBackend }
  }

  /// A guest that is cut off by the kernel's xen-netback, on the vif 0.0 that a job has made.
  static var cutOff: LabSuite {
    LabSuite("cut-off", [rows(KernelBackend.init).watchedCutOff(of: VifHandle(rawValue: 0))])
  }

  /// The same after two minutes of good traffic.
  static var lateCutOff: LabSuite {
    let row = rows(KernelBackend.init).watchedCutOff(
      of: VifHandle(rawValue: 0), afterSeconds: 120)
    return LabSuite("cut-off-late", [row])
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
