import BackendConformance
import Netback
import SimulatedXen
import Testing
import WorldConformance
import XenInterface

/// A simulated machine whose domain 0 runs the Swift netback.
private func rows(
  on machine: SimulatedMachine, path: DataPath = .copy, groups: Int = 0
) -> [LabRow] {
  BackendRows { world in
    let interfaces = (0..<groups).map { _ in machine.connect(.control) }
    let xen = machine.connect(.control)
    return SwiftBackend(xen: xen, loop: world.loop, path: path, groups: interfaces) {
      let counters = machine.counters
      return Holdings(
        grantedPages: counters.grantedPages, mappedPages: counters.mappedPages,
        openPorts: counters.openPorts)
    }
  }.all
}

/// Rows by name, so that Swift Testing reports each of them.
private let names = rows(on: SimulatedMachine(seed: 0)).map(\.name)

@Suite struct `The Swift netback on the simulation` {
  @Test(arguments: names, [0, 3])
  func `does for our frontend what every netback must`(_ name: String, _ guest: UInt16) throws {
    try run(name, guest: guest, path: .copy)
  }

  @Test(arguments: names, [DataPath.map, .mapLarge, .lazy, .header, .staged, .persistent])
  func `does so whichever way data comes`(_ name: String, _ path: DataPath) throws {
    try run(name, guest: 3, path: path)
  }

  @Test(arguments: names, [1, 2, 3])
  func `does so with groups of workers`(_ name: String, _ groups: Int) throws {
    try run(name, guest: 3, path: .copy, groups: groups)
  }

  private func run(_ name: String, guest: UInt16, path: DataPath, groups: Int = 0) throws {
    let machine = SimulatedMachine(seed: 7)
    let all = rows(on: machine, path: path, groups: groups)
    let row = try #require(all.first { $0.name == name })
    let world = World(
      frontend: machine.connect(DomainID(rawValue: guest)), backend: machine.connect(.control),
      loop: machine.loop)
    if case .failed(let error) = row.run(in: world) { Issue.record("\(error)") }
    #expect(machine.counters.holdNothing, "\(machine.counters)")
  }

  @Test func `is put to rows with names of their own`() {
    #expect(Set(names).count == names.count)
  }
}
