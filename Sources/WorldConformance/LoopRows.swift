import XenInterface

/// Writes down when it is called.
private final class Witness: Worker {
  var calls: [MonotonicInstant] = []
  private let answer: (MonotonicInstant, Int) -> MonotonicInstant?

  init(_ answer: @escaping (MonotonicInstant, Int) -> MonotonicInstant?) { self.answer = answer }

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    calls.append(now)
    return answer(now, calls.count)
  }
}

extension LabRow {
  /// What the loop that drives a world does.
  public static var loops: [LabRow] { timedCalls + wokenCalls }

  private static func run(_ world: World, _ witness: Witness, calls: Int) throws {
    world.loop.add(witness)
    defer { world.loop.remove(witness) }
    try world.wait("\(calls) calls") { witness.calls.count >= calls }
  }

  private static var timedCalls: [LabRow] {
    [
      LabRow("a worker is called when it was added") { world in
        let witness = Witness { _, _ in nil }
        try run(world, witness, calls: 1)
        world.settle()
        try expect(witness.calls.count, is: 1)
      },
      LabRow("a worker is called again when its time has come, not before") { world in
        let witness = Witness { now, count in
          count == 1 ? now.advanced(by: 5_000_000) : nil
        }
        try run(world, witness, calls: 2)
        let passed = witness.calls[1].nanoseconds - witness.calls[0].nanoseconds
        try expect(passed >= 5_000_000, "called after \(passed) ns")
      },
      LabRow("a worker with more work is called again at once") { world in
        let witness = Witness { now, count in count < 50 ? now : nil }
        try run(world, witness, calls: 50)
        let passed = witness.calls[49].nanoseconds - witness.calls[0].nanoseconds
        try expect(passed < World.patience / 2, "took \(passed) ns")
      },
      LabRow("a loop without work stops at its deadline") { world in
        let deadline = world.loop.now.advanced(by: 10_000_000)
        try expect(world.loop.run(until: deadline) { false }, is: false)
        try expect(world.loop.now >= deadline, "stopped early")
      },
      LabRow("a loop that is done does nothing") { world in
        let witness = Witness { now, _ in now }
        world.loop.add(witness)
        defer { world.loop.remove(witness) }
        try expect(world.loop.run(until: world.loop.now.advanced(by: 1)) { true }, is: true)
        try expect(witness.calls.count, is: 0)
      },
    ]
  }

  private static var wokenCalls: [LabRow] {
    [
      LabRow("an event wakes a worker") { world in
        let ports = try world.bindPair()
        let witness = Witness { _, _ in
          while world.backend.events.takePending() != nil {}
          return nil
        }
        world.loop.add(witness)
        defer { world.loop.remove(witness) }
        try world.wait("first call") { witness.calls.count >= 1 }
        world.frontend.events.notify(ports.front)
        try world.wait("call after the event") { witness.calls.count >= 2 }
      },
      LabRow("a change in the store wakes a worker") { world in
        try world.withWatchedKey { path, seen in
          try world.wait("report at once") { seen() == 1 }
          try world.frontend.store.write(path, "1")
          try world.wait("report of the change") { seen() == 2 }
        }
      },
      LabRow("a change that is told while the store is asked something wakes a worker") { world in
        try world.withWatchedKey { path, seen in
          try expect((try? world.backend.store.read(path)) == nil, is: true)
          try world.wait("report at once") { seen() == 1 }
        }
      },
    ]
  }
}

extension World {
  /// Has a worker of the backend's, which was called once, take what changes at a key.
  fileprivate func withWatchedKey(
    _ body: (_ path: String, _ seen: () -> Int) throws -> Void
  ) throws {
    let path = "/local/domain/\(frontend.domain.rawValue)/data/conformance"
    var seen = 0
    let witness = Witness { _, _ in
      while backend.store.takeChange() != nil { seen += 1 }
      return nil
    }
    loop.add(witness)
    defer { loop.remove(witness) }
    try wait("first call") { witness.calls.count >= 1 }
    try backend.store.watch(path)
    try body(path) { seen }
    try backend.store.unwatch(path)
    try backend.store.remove(path)
  }
}
