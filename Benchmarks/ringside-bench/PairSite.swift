import ArgumentParser
import SimulatedXen
import XenHost
import XenInterface

/// Where a guest and its backend stand.
struct PairSite {
  /// Drives whoever follows the store.
  let loop: any WorldLoop
  /// The interface of whoever follows the store.
  let backend: DomainInterface
  /// The guest's, its alone.
  let guest: DomainInterface
  /// The number of the guest's vif.
  let handle: VifHandle
}

/// Where the bench runs.
enum PairPlace: String, CaseIterable, ExpressibleByArgument {
  case sim, xen

  /// Makes places for guests, each with a backend's interface that is its alone.
  func sites(count: Int) throws(HostError) -> [PairSite] {
    var sites: [PairSite] = []
    switch self {
    case .sim:
      let machine = SimulatedMachine(seed: 1)
      for place in 0..<count {
        sites.append(
          PairSite(
            loop: machine.loop, backend: machine.connect(.control),
            guest: machine.connect(DomainID(rawValue: 1)),
            handle: VifHandle(rawValue: UInt32(place))))
      }
    case .xen:
      let loop = HostLoop()
      for place in 0..<count {
        sites.append(
          PairSite(
            loop: loop, backend: try HostXen.connect(loop), guest: try HostXen.connect(loop),
            handle: VifHandle(rawValue: UInt32(place))))
      }
    }
    return sites
  }
}

/// A backend did not do what was asked, so its speed means nothing.
enum PairFault: Error, CustomStringConvertible {
  /// Not all pages of the guest are staged.
  case notStaged
  /// A packet was answered with an error.
  case refused
  /// A frame had no answer when its time was over.
  case late
  /// What went over staged pages is not what was to.
  case wrongWay

  /// One line.
  var description: String {
    switch self {
    case .notStaged: "the backend did not stage all pages of the guest"
    case .refused: "a packet was answered with an error"
    case .late: "a frame was not answered in its turn"
    case .wrongWay:
      "packets did not go over staged pages as they should, or went though they should not"
    }
  }
}
