import SimulatedXen
import Testing
import XenInterface

/// Passes events round, writes keys and naps; writes down all that it sees.
private final class Busybody: Worker {
  private let name: Int
  private let interface: DomainInterface
  private let ports: [EventChannelPort]
  private let log: Log
  private var turns = 0

  final class Log { var lines: [String] = [] }

  init(_ name: Int, _ interface: DomainInterface, ports: [EventChannelPort], log: Log) {
    self.name = name
    self.interface = interface
    self.ports = ports
    self.log = log
  }

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    turns += 1
    var line = "\(now.nanoseconds) \(name)"
    while let port = interface.events.takePending() { line += " e\(port.rawValue)" }
    while let change = interface.store.takeChange() { line += " \(change)" }
    log.lines.append(line)
    guard turns < 40 else { return nil }
    if turns % 3 == 1 {
      try? interface.store.write(
        (0..<3).map { StoreWrite("/work/\(name)/\(turns)/\($0)", "\(turns)") })
    }
    for port in ports where turns % 2 == 1 { interface.events.notify(port) }
    return turns % 2 == 0 ? now.advanced(by: UInt64(name + 1) * 7_000) : nil
  }
}

private func trace(on machine: SimulatedMachine, workers: Int) throws -> [String] {
  let log = Busybody.Log()
  let ends = (0..<workers).map { _ in machine.connect(.control) }
  for (name, end) in ends.enumerated() {
    let next = ends[(name + 1) % workers]
    let port = try end.events.allocate(for: .control)
    _ = try next.events.bind(to: port, of: .control)
    try end.store.watch("/work")
    machine.loop.add(Busybody(name, end, ports: [port], log: log))
  }
  _ = machine.loop.run(until: SimulatedLoop.start.advanced(by: 1_000_000)) { false }
  return log.lines
}

@Test(arguments: [1, 2, 5], [0, 7, UInt64.max])
func `the same seed gives the same run`(_ workers: Int, _ seed: UInt64) throws {
  let first = try trace(on: SimulatedMachine(seed: seed), workers: workers)
  let second = try trace(on: SimulatedMachine(seed: seed), workers: workers)
  #expect(first == second)
  #expect(first.count >= workers * 10)
}

@Test func `another seed gives another run`() throws {
  let first = try trace(on: SimulatedMachine(seed: 1), workers: 5)
  let second = try trace(on: SimulatedMachine(seed: 2), workers: 5)
  #expect(first != second)
}

@Test func `a reset machine runs as a new one`() throws {
  let machine = SimulatedMachine(seed: 3)
  let fresh = try trace(on: machine, workers: 4)
  _ = try trace(on: machine, workers: 2)
  machine.reset(seed: 3)
  #expect(try trace(on: machine, workers: 4) == fresh)
}

@Test func `workers that wake each other for ever come to their deadline`() {
  final class Restless: Worker {
    func step(now: MonotonicInstant) -> MonotonicInstant? { now }
  }
  let machine = SimulatedMachine(seed: 1)
  machine.loop.add(Restless())
  let deadline = machine.loop.now.advanced(by: 100 * SimulatedLoop.stepCost)
  #expect(!machine.loop.run(until: deadline) { false })
  #expect(machine.loop.now == deadline)
}
