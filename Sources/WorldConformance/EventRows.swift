import XenInterface

extension World {
  /// How long an event may take, in nanoseconds.
  static var patience: UInt64 { 2_000_000_000 }
  /// How long nothing must happen before nothing is taken to happen any more, in nanoseconds.
  static var silence: UInt64 { 30_000_000 }

  /// How often the world may stir again before it is taken to have no rest.
  static var rounds: Int { 20 }

  /// Lets the world go on until `condition` holds.
  func wait(_ what: String, until condition: () -> Bool) throws {
    let isDone = loop.run(until: loop.now.advanced(by: Self.patience), unless: condition)
    try expect(isDone, "waited in vain: \(what)")
  }

  /// Lets the world come to rest.
  func settle() { _ = loop.run(until: loop.now.advanced(by: Self.silence)) { false } }

  /// The next event, when it comes in time.
  func event(of end: DomainInterface, _ what: String) throws -> EventChannelPort {
    var port: EventChannelPort?
    try wait(what) {
      port = port ?? end.events.takePending()
      return port != nil
    }
    return try port ?? { throw Unexpected(description: what) }()
  }

  /// All events that come until the world is at rest.
  func events(of end: DomainInterface) throws -> [EventChannelPort] {
    try drain { end.events.takePending() }
  }

  /// All that `take` gives until the world is at rest.
  func drain<Thing>(_ take: () -> Thing?) throws -> [Thing] {
    var things: [Thing] = []
    for _ in 0..<Self.rounds {
      settle()
      let before = things.count
      while let thing = take(), things.count < before + Self.rounds { things.append(thing) }
      if things.count == before { return things }
    }
    throw Unexpected(description: "no rest after \(things)")
  }

  /// Two ports bound to each other, with no event pending.
  func bindPair() throws -> (front: EventChannelPort, back: EventChannelPort) {
    let front = try frontend.events.allocate(for: backend.domain)
    let back = try backend.events.bind(to: front, of: frontend.domain)
    _ = try events(of: frontend)
    _ = try events(of: backend)
    return (front, back)
  }
}

extension LabRow {
  /// What event channels do.
  public static var eventChannels: [LabRow] { boundPorts + unboundPorts }

  private static var boundPorts: [LabRow] {
    [
      LabRow("a new binding fires once by itself") { world in
        let front = try world.frontend.events.allocate(for: world.backend.domain)
        let back = try world.backend.events.bind(to: front, of: world.frontend.domain)
        try expect(world.events(of: world.backend), is: [back])
        try expect(world.events(of: world.frontend), is: [])
      },
      LabRow("an event arrives at the other end") { world in
        let ports = try world.bindPair()
        world.frontend.events.notify(ports.front)
        try expect(world.event(of: world.backend, "event at the backend"), is: ports.back)
        world.backend.events.notify(ports.back)
        try expect(world.event(of: world.frontend, "event at the frontend"), is: ports.front)
      },
      LabRow("a port that was taken is silent until it is unmasked, and loses no event") { world in
        let ports = try world.bindPair()
        world.frontend.events.notify(ports.front)
        let taken = try world.drain { world.backend.events.takeMasked() }
        try expect(taken, is: [ports.back])
        for _ in 0..<3 { world.frontend.events.notify(ports.front) }
        try expect(world.drain { world.backend.events.takeMasked() }, is: [], "while masked")
        world.backend.events.unmask(ports.back)
        try expect(world.events(of: world.backend), is: [ports.back], "when unmasked")
        world.backend.events.unmask(ports.back)
        try expect(world.events(of: world.backend), is: [], "when unmasked again")
      },
      LabRow("a port fires again after its event was taken") { world in
        let ports = try world.bindPair()
        for _ in 0..<5 {
          world.frontend.events.notify(ports.front)
          try expect(world.event(of: world.backend, "event"), is: ports.back)
        }
      },
      LabRow("events that nobody takes become two at most") { world in
        let ports = try world.bindPair()
        for _ in 0..<10 { world.frontend.events.notify(ports.front) }
        let seen = try world.events(of: world.backend)
        try expect(Set(seen), is: [ports.back])
        try expect(seen.count <= 2, "\(seen.count) events")
      },
      LabRow("ports fire apart from each other") { world in
        let first = try world.bindPair()
        let second = try world.bindPair()
        world.frontend.events.notify(second.front)
        try expect(world.events(of: world.backend), is: [second.back])
        world.frontend.events.notify(first.front)
        try expect(world.events(of: world.backend), is: [first.back])
      },
      LabRow("a port whose other end closed can be bound again") { world in
        let ports = try world.bindPair()
        world.backend.events.close(ports.back)
        world.frontend.events.notify(ports.front)
        let again = try world.backend.events.bind(to: ports.front, of: world.frontend.domain)
        _ = try world.events(of: world.backend)
        world.frontend.events.notify(ports.front)
        try expect(world.event(of: world.backend, "event"), is: again)
      },
    ]
  }

  private static var unboundPorts: [LabRow] {
    [
      LabRow("a port can be bound once") { world in
        let ports = try world.bindPair()
        try expectNotBindable(world, ports.front)
      },
      LabRow("a port that is not there cannot be bound") { world in
        try expectNotBindable(world, EventChannelPort(rawValue: 4000))
      },
      LabRow("a port that was closed cannot be bound") { world in
        let port = try world.frontend.events.allocate(for: world.backend.domain)
        world.frontend.events.close(port)
        try expectNotBindable(world, port)
      },
      LabRow("a port that is meant for another domain cannot be bound") { world in
        let port = try world.frontend.events.allocate(for: DomainID(rawValue: 5))
        try expectNotBindable(world, port)
      },
      LabRow("a port is not bound to a domain that is not there") { world in
        do {
          _ = try world.backend.events.bind(to: EventChannelPort(rawValue: 1), of: .absent)
          throw Unexpected(description: "bound")
        } catch let error as EventChannelError { try expect(error, is: .notBindable) }
      },
      LabRow("a notification into the void harms nobody") { world in
        let port = try world.frontend.events.allocate(for: world.backend.domain)
        world.frontend.events.notify(port)
        world.frontend.events.close(port)
        world.frontend.events.notify(port)
        world.frontend.events.close(port)
        try expect(world.events(of: world.backend), is: [])
      },
    ]
  }

  private static func expectNotBindable(_ world: World, _ port: EventChannelPort) throws {
    do {
      _ = try world.backend.events.bind(to: port, of: world.frontend.domain)
      throw Unexpected(description: "bound")
    } catch let error as EventChannelError { try expect(error, is: .notBindable) }
  }
}
