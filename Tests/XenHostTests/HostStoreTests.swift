internal import CXen
internal import Glibc
internal import Testing
internal import XenInterface

@testable import XenHost

@Suite struct `A store's connection` {
  @Test func `takes a change that is told ahead of a reply for what it is`() throws {
    let (daemon, store) = try FakeStoreDaemon.connected()
    try daemon.tell("/a/b", token: "/a")
    try daemon.answer(XS_READ, "value")
    #expect(try store.read("/a/b") == "value")
    #expect(store.isHolding)
    #expect(store.takeChange() == "/a/b")
    #expect(store.takeChange() == nil)
    #expect(!store.isHolding)
  }

  @Test func `wakes a loop for a change that it holds`() throws {
    let (daemon, store) = try FakeStoreDaemon.connected()
    let loop = HostLoop()
    loop.add(descriptor: store.descriptor, for: .reading, owner: store)
    let taker = ChangeTaker(store)
    loop.add(taker)
    #expect(!loop.run(until: loop.now.advanced(by: 1_000_000)) { false })
    try daemon.tell("/a/b", token: "/a")
    try daemon.answer(XS_READ, "value")
    _ = try store.read("/a/b")
    let end = loop.now.advanced(by: 10_000_000_000)
    #expect(loop.run(until: end) { taker.seen == ["/a/b"] })
  }

  @Test func `forgets the changes that it holds of a watch that ends`() throws {
    let (daemon, store) = try FakeStoreDaemon.connected()
    try daemon.tell("/a/b", token: "/a")
    try daemon.tell("/c", token: "/c")
    try daemon.answer(XS_UNWATCH, "OK\0")
    try store.unwatch("/a")
    #expect(store.takeChange() == "/c")
    #expect(store.takeChange() == nil)
  }

  @Test(arguments: [
    ("ENOENT", StoreError.notFound), ("EACCES", .permissionDenied), ("EPERM", .permissionDenied),
    ("EAGAIN", .conflict), ("EIO", .system(5)), ("EWHAT", .system(22)),
  ])
  func `knows errors by their names`(name: String, error: StoreError) throws {
    let (daemon, store) = try FakeStoreDaemon.connected()
    try daemon.answer(XS_ERROR, name + "\0")
    #expect(throws: error) { try store.read("/a") }
  }

  @Test func `lists a directory that is longer than a message`() throws {
    let (daemon, store) = try FakeStoreDaemon.connected()
    try daemon.answer(XS_ERROR, "E2BIG\0")
    try daemon.answer(XS_DIRECTORY_PART, "7\0one\0two\0", number: 2)
    // It has changed meanwhile.
    try daemon.answer(XS_DIRECTORY_PART, "8\0three\0\0", number: 3)
    try daemon.answer(XS_DIRECTORY_PART, "8\0one\0", number: 4)
    try daemon.answer(XS_DIRECTORY_PART, "8\0two\0three\0\0", number: 5)
    #expect(try store.list("/a") == ["one", "two", "three"])
    let words = try daemon.requests().filter { $0.kind == XS_DIRECTORY_PART.rawValue }
    #expect(words.map { $0.payload.storeStrings[1] } == ["0", "8", "0", "4"])
  }

  @Test func `lists nothing where there is nothing`() throws {
    let (daemon, store) = try FakeStoreDaemon.connected()
    try daemon.answer(XS_DIRECTORY, "")
    #expect(try store.list("/a") == [])
  }

  @Test func `sends what xs_wire.h says`() throws {
    let (daemon, store) = try FakeStoreDaemon.connected()
    try daemon.answer(XS_WRITE, "OK\0")
    try daemon.answer(XS_SET_PERMS, "OK\0", number: 2)
    try store.write("/a", "12")
    try store.permit("/a", owner: DomainID(rawValue: 3), reader: DomainID(rawValue: 0))
    let requests = try daemon.requests()
    #expect(requests.map(\.kind) == [XS_WRITE.rawValue, XS_SET_PERMS.rawValue])
    #expect(
      requests.map(\.payload) == [Array("/a\u{0}12".utf8), Array("/a\u{0}n3\u{0}r0\u{0}".utf8)])
  }

  @Test func `refuses what no message takes`() throws {
    let (_, store) = try FakeStoreDaemon.connected()
    #expect(throws: StoreError.system(7)) {
      try store.write("/a", String(repeating: "x", count: 4094))
    }
    #expect(throws: StoreError.system(22)) { try store.read("/a\u{0}b") }
  }

  @Test func `that is gone says so, and wakes nobody`() throws {
    var (daemon, store): (FakeStoreDaemon?, HostStore) = try FakeStoreDaemon.connected()
    try daemon?.tell("/a", token: "/a")
    daemon = nil
    #expect(store.takeChange() == "/a")
    #expect(throws: StoreError.self) { try store.read("/a") }
    #expect(store.takeChange() == nil)
    let loop = HostLoop()
    loop.add(descriptor: store.descriptor, for: .reading, owner: store)
    let taker = ChangeTaker(store)
    loop.add(taker)
    #expect(!loop.run(until: loop.now.advanced(by: 2_000_000)) { false })
    #expect(taker.calls <= 2)
  }

  @Test(arguments: [
    [UInt8](repeating: 0xff, count: 16), [2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 16, 0, 0],
  ])
  func `ends where a message is longer than any is`(header: [UInt8]) throws {
    let (daemon, store) = try FakeStoreDaemon.connected()
    try daemon.send(header)
    #expect(throws: StoreError.system(5)) { try store.read("/a") }
  }
}

/// Takes changes, as those do who follow the store.
private final class ChangeTaker: Worker {
  private let store: HostStore
  private(set) var seen: [String] = []
  private(set) var calls = 0

  init(_ store: HostStore) { self.store = store }

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    calls += 1
    while let change = store.takeChange() { seen.append(change) }
    return nil
  }
}
