import Netback
import SimulatedXen
import XenInterface

/// A backend in domain 0 with a group for each of its guests.
struct WorkerMachine {
  let machine = SimulatedMachine(seed: 1)
  let pairs: [WorkerPair]

  /// Connects guests that send and receive packets of `size` octets.
  init(pairs count: Int, size: Int) throws {
    let groups = (0..<count).map { [machine] _ in WorkerGroup(xen: machine.connect(.control)) }
    let pool = WorkerPool(groups: groups)
    let xen = machine.connect(.control)
    let control = NetbackWorker(xen: xen)
    machine.loop.add(control)
    pairs = try groups.enumerated().map { [machine] place, group in
      let site = PairSite(
        loop: machine.loop, backend: xen,
        guest: machine.connect(DomainID(rawValue: UInt16(place + 1))),
        handle: VifHandle(rawValue: 0))
      return try WorkerPair(site, control: control, worker: group, pool: pool, size: size)
    }
  }

  /// Locks taken so far that several workers share.
  var sharedLocks: UInt64 {
    pairs.reduce(UInt64(machine.counters.sharedLocks)) { $0 + $1.sharedLocks }
  }
}
