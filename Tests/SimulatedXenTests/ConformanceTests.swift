import SimulatedXen
import Testing
import WorldConformance
import XenInterface

/// Rows by name, so that Swift Testing reports each of them.
private let rowNames = LabSuite.conformance.rows.map(\.name)

@Test(arguments: rowNames)
func `the simulation conforms`(_ name: String) throws {
  let row = try #require(LabSuite.conformance.rows.first { $0.name == name })
  let machine = SimulatedMachine(seed: 1)
  try expectPassed(row, on: machine, frontend: DomainID(rawValue: 1))
  #expect(machine.counters.holdNothing, "\(machine.counters)")
}

@Test(arguments: rowNames)
func `a simulated domain conforms with itself`(_ name: String) throws {
  let row = try #require(LabSuite.conformance.rows.first { $0.name == name })
  guard row.need != .twoDomains else { return }
  let machine = SimulatedMachine(seed: 2)
  try expectPassed(row, on: machine, frontend: .control)
  #expect(machine.counters.holdNothing, "\(machine.counters)")
}

@Test func `every row has a name of its own`() {
  #expect(Set(rowNames).count == rowNames.count)
}

private func expectPassed(
  _ row: LabRow, on machine: SimulatedMachine, frontend: DomainID
) throws {
  let world = World(
    frontend: machine.connect(frontend), backend: machine.connect(.control), loop: machine.loop)
  switch row.run(in: world) {
  case .passed: break
  case .failed(let error): Issue.record("\(error)")
  case .skipped(let need): Issue.record("the simulation has no \(need)")
  }
}
