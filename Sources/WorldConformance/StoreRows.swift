import XenInterface

/// A place in the store for one row's keys, empty before and after.
private struct Corner {
  let world: World
  let path: String

  init(_ world: World) throws {
    self.world = world
    path = "/local/domain/\(world.frontend.domain.rawValue)/data/conformance"
    try world.backend.store.remove(path)
    try world.backend.store.write(path, "")
  }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  func clean() throws { try world.backend.store.remove(path) }

  /// The changes that one end sees until the world is at rest.
  func changes(_ end: DomainInterface) throws -> [String] {
    try world.drain { end.store.takeChange() }
  }

  /// Begins to watch, and takes the report that comes at once.
  func watch(_ name: String, by end: DomainInterface) throws {
    try end.store.watch(self(name))
    try expect(changes(end), is: [self(name)], "report at once")
  }
}

extension LabRow {
  /// What the store does.
  public static var store: [LabRow] { keys + watches + transactions + rights }

  private static func row(
    _ name: String, needs need: Need? = nil, _ body: @escaping (World, Corner) throws -> Void
  ) -> LabRow {
    LabRow(name, needs: need) { world in
      let corner = try Corner(world)
      try body(world, corner)
      try corner.clean()
    }
  }

  private static func expectError(_ wanted: StoreError, _ body: () throws -> Void) throws {
    do {
      try body()
      throw Unexpected(description: "no error")
    } catch let error as StoreError { try expect(error, is: wanted) }
  }

  private static var keys: [LabRow] {
    [
      row("a key that one end writes is read by the other") { world, key in
        try world.frontend.store.write(key("a"), "value 1")
        try expect(world.backend.store.read(key("a")), is: "value 1")
        try world.frontend.store.write(key("a"), "")
        try expect(world.backend.store.read(key("a")), is: "")
      },
      row("a key that is not there is not found") { world, key in
        try expectError(.notFound) { _ = try world.backend.store.read(key("none")) }
        try expectError(.notFound) { _ = try world.backend.store.list(key("none")) }
        try expect(world.backend.store.value(key("none")), is: nil)
      },
      row("keys are listed in the order of their making") { world, key in
        for name in ["b", "a", "c/deep"] { try world.frontend.store.write(key(name), "1") }
        try expect(world.backend.store.list(key.path), is: ["b", "a", "c"])
        try expect(world.backend.store.read(key("c")), is: "")
        try expect(world.backend.store.list(key("a")), is: [])
      },
      row("a directory that is longer than a message is listed whole") { world, key in
        let names = (0..<600).map { "a-name-of-\($0)" }
        try world.frontend.store.write(names.map { StoreWrite(key("long/\($0)"), "") })
        try expect(world.backend.store.list(key("long")), is: names)
        try world.frontend.store.remove(key("long"))
      },
      row("a key goes with what is below it, and may be gone already") { world, key in
        try world.frontend.store.write(key("a/b/c"), "1")
        try world.frontend.store.remove(key("a"))
        try expect(world.backend.store.value(key("a/b/c")), is: nil)
        try expect(world.backend.store.list(key.path), is: [])
        try world.frontend.store.remove(key("a"))
        try world.frontend.store.remove(key("x/y"))
      },
      row("a path that is none is refused") { world, key in
        for path in [key("a//b"), key("a/"), key("a b"), key("ü")] {
          try expectError(.system(22)) { try world.backend.store.write(path, "1") }
        }
      },
    ]
  }

  private static var watches: [LabRow] {
    [
      row("a watch reports once at once, key or no key") { world, key in
        try key.watch("none", by: world.backend)
        try world.backend.store.unwatch(key("none"))
      },
      row("a watch reports changes at and below, in order") { world, key in
        try key.watch("dir", by: world.backend)
        for name in ["dir/x/deep", "dir", "dirt", "other", "dir/b", "dir/b"] {
          try world.frontend.store.write(key(name), "1")
        }
        let wanted = ["dir/x/deep", "dir", "dir/b", "dir/b"].map { key($0) }
        try expect(key.changes(world.backend), is: wanted)
        try world.backend.store.unwatch(key("dir"))
      },
      row("a watch reports what is removed") { world, key in
        try world.frontend.store.write(key("dir/a/b"), "1")
        try key.watch("dir", by: world.backend)
        try world.frontend.store.remove(key("dir/a"))
        try expect(key.changes(world.backend), is: [key("dir/a")])
        try world.backend.store.unwatch(key("dir"))
      },
      row("a watch reports its own path when a key above goes") { world, key in
        try world.frontend.store.write(key("dir/a/b"), "1")
        try key.watch("dir/a/b", by: world.backend)
        try world.frontend.store.remove(key("dir"))
        try expect(key.changes(world.backend), is: [key("dir/a/b")])
        try world.backend.store.unwatch(key("dir/a/b"))
      },
      row("a watch that ended reports nothing, not even what it saw") { world, key in
        try key.watch("dir", by: world.backend)
        try world.frontend.store.write(key("dir"), "1")
        world.settle()
        try world.backend.store.unwatch(key("dir"))
        try world.frontend.store.write(key("dir"), "2")
        try expect(key.changes(world.backend), is: [])
      },
      row("a watch is set once and ended once") { world, key in
        try key.watch("dir", by: world.backend)
        try expectError(.system(17)) { try world.backend.store.watch(key("dir")) }
        try world.backend.store.unwatch(key("dir"))
        try expectError(.notFound) { try world.backend.store.unwatch(key("dir")) }
      },
      row("two watches that see a change both report it") { world, key in
        try key.watch("dir", by: world.backend)
        try key.watch("dir/a", by: world.backend)
        try world.frontend.store.write(key("dir/a"), "1")
        try expect(key.changes(world.backend), is: [key("dir/a"), key("dir/a")])
        try world.backend.store.unwatch(key("dir"))
        try world.backend.store.unwatch(key("dir/a"))
      },
    ]
  }

  private static var transactions: [LabRow] {
    [
      row("keys written together are reported after all of them are there") { world, key in
        try key.watch("dir", by: world.backend)
        try world.frontend.store.write([
          StoreWrite(key("dir/a"), "1"), StoreWrite(key("dir/b"), "2"),
        ])
        try expect(world.backend.store.read(key("dir/b")), is: "2")
        let seen = try key.changes(world.backend)
        try expect(Set(seen), is: [key("dir/a"), key("dir/b")])
        try expect(seen.count, is: 2)
        try world.backend.store.unwatch(key("dir"))
      },
      row("a transaction is seen by others after its commit") { world, key in
        try key.watch("a", by: world.backend)
        let transaction = try world.frontend.store.transaction()
        try transaction.write(key("a"), "1")
        try expect(transaction.read(key("a")), is: "1")
        try expect(world.backend.store.value(key("a")), is: nil)
        try expect(key.changes(world.backend), is: [])
        try transaction.commit()
        try expect(world.backend.store.value(key("a")), is: "1")
        try expect(key.changes(world.backend), is: [key("a")])
        try world.backend.store.unwatch(key("a"))
      },
      row("a transaction that is dropped did nothing") { world, key in
        try world.frontend.store.write(key("kept"), "1")
        var transaction: (any StoreTransaction)? = try world.frontend.store.transaction()
        try transaction?.write(key("a"), "1")
        try transaction?.remove(key("kept"))
        transaction = nil
        try expect(world.backend.store.list(key.path), is: ["kept"])
      },
      row("a transaction conflicts when what it read was written") { world, key in
        try world.frontend.store.write(key("a"), "1")
        let transaction = try world.frontend.store.transaction()
        _ = try transaction.read(key("a"))
        try transaction.write(key("b"), "2")
        try world.backend.store.write(key("a"), "3")
        try expectError(.conflict) { try transaction.commit() }
        try expect(world.backend.store.value(key("b")), is: nil)
        try expect(world.backend.store.value(key("a")), is: "3")
      },
      row("a transaction conflicts when what it wrote was written") { world, key in
        try world.frontend.store.write(key("a"), "1")
        let transaction = try world.frontend.store.transaction()
        try transaction.write(key("a"), "2")
        try world.backend.store.write(key("a"), "3")
        try expectError(.conflict) { try transaction.commit() }
        try expect(world.backend.store.read(key("a")), is: "3")
      },
      row("a transaction conflicts when the key it missed appeared") { world, key in
        let transaction = try world.frontend.store.transaction()
        try expectError(.notFound) { _ = try transaction.read(key("a")) }
        try transaction.write(key("b"), "2")
        try world.backend.store.write(key("a"), "3")
        try expectError(.conflict) { try transaction.commit() }
      },
      row("a transaction does not conflict over other keys") { world, key in
        try world.frontend.store.write([StoreWrite(key("a"), "1"), StoreWrite(key("b"), "1")])
        let transaction = try world.frontend.store.transaction()
        try transaction.write(key("a"), "2")
        try world.backend.store.write(key("b"), "3")
        try transaction.commit()
        try expect(world.backend.store.read(key("a")), is: "2")
        try expect(world.backend.store.read(key("b")), is: "3")
      },
    ]
  }

  private static var rights: [LabRow] {
    [
      row("a key that is there may be given to another domain") { world, key in
        let store = world.backend.store
        let (back, front) = (world.backend.domain, world.frontend.domain)
        try expectError(.notFound) { try store.permit(key("a"), owner: front, reader: back) }
        try store.write(key("a"), "1")
        try store.permit(key("a"), owner: front, reader: back)
        try store.write(key("a/b"), "2")
        try expect(world.frontend.store.read(key("a/b")), is: "2")
      },
      row("a guest writes its device directory, not the backend's", needs: .twoDomains) {
        world, _ in
        let guest = world.frontend.domain.rawValue
        let device = "/local/domain/\(guest)/device/vif/7"
        let backend =
          "/local/domain/\(world.backend.domain.rawValue)/backend/vif/\(guest)/7"
        let store = world.frontend.store
        try expectError(.permissionDenied) { try store.write(device, "") }
        try world.backend.store.write([
          StoreWrite(device + "/state", "1"), StoreWrite(backend + "/state", "1"),
        ])
        try store.write(device + "/state", "3")
        try expect(store.read(backend + "/state"), is: "1")
        try expectError(.permissionDenied) { try store.write(backend + "/state", "4") }
        try expectError(.permissionDenied) { _ = try store.list("/local/domain") }
        try world.backend.store.remove(device)
        try world.backend.store.remove(backend)
      },
    ]
  }
}
