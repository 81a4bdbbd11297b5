import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

/// What the frontend's state key says, and where that leads the backend.
struct StateRow: Sendable, CustomTestStringConvertible {
  var text: String?
  var waiting: XenbusState
  var connected: XenbusState
  var failure: VifError?

  var testDescription: String { text ?? "no key" }

  static let all = [
    StateRow(text: "1", waiting: .initWait, connected: .initWait),
    StateRow(text: "2", waiting: .closing, connected: .closing, failure: .badState(2)),
    StateRow(text: "3", waiting: .initWait, connected: .connected),
    StateRow(text: "4x", waiting: .closing, connected: .connected),
    StateRow(text: "5", waiting: .closing, connected: .closing),
    StateRow(text: "6", waiting: .closed, connected: .closed),
    StateRow(text: "7", waiting: .reconfigured, connected: .reconfigured),
    StateRow(text: "8", waiting: .closing, connected: .closing, failure: .badState(8)),
    StateRow(text: "9", waiting: .closing, connected: .closing, failure: .badState(9)),
    StateRow(text: "256", waiting: .closing, connected: .closing, failure: .badState(256)),
    StateRow(text: "0", waiting: .closed, connected: .closed),
    StateRow(text: "", waiting: .closed, connected: .closed),
    StateRow(text: "-4", waiting: .closed, connected: .closed),
    StateRow(text: nil, waiting: .closed, connected: .closed),
  ]
}

@Suite struct `The frontend's state` {
  private func says(_ text: String?, _ world: BackendWorld) throws {
    let store = world.machine.connect(.control).store
    let key = world.path.frontend + "/state"
    if let text { try store.write(key, text) } else { try store.remove(key) }
    world.settle()
  }

  @Test(arguments: StateRow.all)
  func `is followed by a backend that waits`(_ row: StateRow) throws {
    let world = try BackendWorld()
    try world.directories.reportHotplug()
    world.settle()
    try says(row.text, world)
    #expect(world.front.backendState == row.waiting)
    #expect(world.machine.counters.mappedPages == 0)
  }

  @Test(arguments: StateRow.all)
  func `is followed by a backend that is connected`(_ row: StateRow) throws {
    let world = try BackendWorld()
    try world.connect()
    try says(row.text, world)
    #expect(world.front.backendState == row.connected)
    #expect(world.device.failure == row.failure)
    let keeps = row.connected == .connected || row.connected == .reconfigured
    #expect(world.machine.counters.mappedPages == (keeps ? 2 : 0))
  }

  @Test(arguments: [true, false])
  func `may begin anew without a close, and the new rings are served`(isReported: Bool) throws {
    let world = try BackendWorld()
    if isReported { try world.directories.reportHotplug() }
    try world.front.open()
    world.settle()
    #expect(world.machine.counters.mappedPages == 2)
    world.front.abandon()
    try says("1", world)
    #expect(world.front.backendState == .initWait)
    #expect(world.machine.counters.mappedPages == 0)
    #expect(world.machine.counters.openPorts == 0)
    try world.connect()
    #expect(try world.exchange() == [.okay])
  }
}

@Suite struct `Keys of the backend` {
  @Test func `offer what Linux's netback offers`() throws {
    let world = try BackendWorld(offer: VifOffer(maximumQueues: 3))
    let offered = [
      "feature-sg": "1", "feature-gso-tcpv4": "1", "feature-gso-tcpv6": "1",
      "feature-ipv6-csum-offload": "1", "feature-rx-copy": "1", "feature-rx-flip": "0",
      "feature-multicast-control": "1", "feature-dynamic-multicast-control": "1",
      "feature-split-event-channels": "1", "feature-ctrl-ring": "1", "feature-xdp-headroom": "1",
      "multi-queue-max-queues": "3", "state": "2",
    ]
    for (key, value) in offered {
      #expect(world.guest.store.value(world.path.backend + "/" + key) == value, "\(key)")
    }
  }
}

@Suite struct `The hotplug script` {
  @Test(arguments: ["", "error", "connecte", "connected ", "Connected"])
  func `has not connected the interface unless it says exactly that`(_ status: String) throws {
    let world = try BackendWorld()
    try world.front.open()
    try world.directories.reportHotplug(status)
    world.settle()
    #expect(world.front.backendState == .initWait)
    try world.directories.reportHotplug()
    world.settle()
    #expect(world.front.backendState == .connected)
  }
}

@Suite struct `Keys of a frontend` {
  @Test(arguments: [256, 257] as [UInt32], [0, 7, .max - 100] as [UInt32])
  func `R-40: an RX ring may be attached full, not fuller`(
    _ ahead: UInt32, _ start: UInt32
  ) throws {
    let start = RingIndex(rawValue: start)
    try expectAttached(
      NetfrontOptions(controlRing: true, rxStart: start, rxAhead: ahead), ahead, limit: 256)
  }

  @Test(arguments: [128, 129] as [UInt32])
  func `R-40: a control ring may be attached full, not fuller`(_ ahead: UInt32) throws {
    try expectAttached(NetfrontOptions(controlRing: true), ahead, limit: 128) { front in
      let ring = front.control?.ring
      ring?.publish(claiming: RingIndex(rawValue: ahead), .never)
    }
  }

  /// Expects that a frontend whose ring claims `ahead` slots connects, or is refused.
  private func expectAttached(
    _ options: NetfrontOptions, _ ahead: UInt32, limit: UInt32,
    before settling: (Netfront) -> Void = { _ in }
  ) throws {
    let world = try BackendWorld()
    try world.directories.reportHotplug()
    try world.front.open(options)
    settling(world.front)
    world.settle()
    let isFuller = ahead > limit
    let violation = RingViolation.producerTooFar(distance: ahead, limit: limit)
    #expect(world.device.failure == (isFuller ? .ring(violation) : nil))
    #expect(world.front.backendState == (isFuller ? .closing : .connected))
    #expect(world.machine.counters.mappedPages == (isFuller ? 0 : 3))
    if isFuller { #expect(boundPorts(world) == 0) }
  }

  @Test(arguments: [
    ("queue-0/tx-ring-ref", "queue-0/tx-ring-ref"), ("queue-1/tx-ring-ref", "queue-1/tx-ring-ref"),
    ("queue-1/rx-ring-ref", "queue-1/rx-ring-ref"),
    ("queue-1/event-channel-rx", "queue-1/event-channel"),
  ])
  func `R-41: what one queue of two lacks ends the attempt`(
    _ omitted: String, _ missed: String
  ) throws {
    let world = try BackendWorld()
    try world.directories.reportHotplug()
    try world.front.open(NetfrontOptions(queues: 2, controlRing: true, omittedKeys: [omitted]))
    world.settle()
    #expect(world.device.failure == .missingKey(missed))
    try expectNothing(world)
  }

  @Test(arguments: ["tx-ring-ref", "rx-ring-ref", "event-channel-tx", "event-channel-rx"])
  func `R-41: a reference or a port that is none ends the attempt`(_ key: String) throws {
    let world = try BackendWorld()
    try world.directories.reportHotplug()
    try world.front.open(NetfrontOptions(queues: 2, extraKeys: ["queue-1/" + key: "3000"]))
    world.settle()
    if key.hasSuffix("ref") {
      guard case .grant = world.device.failure else {
        Issue.record("failed with \(String(describing: world.device.failure))")
        return
      }
    } else {
      #expect(world.device.failure == .eventChannel(.notBindable))
    }
    try expectNothing(world)
  }

  /// `netif.h` lets a backend refuse such a directory. Linux does not look at the other layout's keys.
  @Test(arguments: [1, 2])
  func `R-41: of both layouts at once, that of the number of queues counts`(queues: Int) throws {
    let world = try BackendWorld()
    let other = queues == 1 ? "queue-0/" : ""
    let kinds = ["tx-ring-ref", "rx-ring-ref", "event-channel"]
    let keys = Dictionary(uniqueKeysWithValues: kinds.map { (other + $0, "3000") })
    try world.connect(NetfrontOptions(queues: queues, extraKeys: keys))
    #expect(world.device.vif.queues.count == queues)
    #expect(world.machine.counters.mappedPages == 2 * queues)
  }

  @Test(arguments: [
    ("", 1), ("-1", 1), ("+1", 1), (" 1", 1), ("1x", 1), ("4294967297", 1), ("0", 0),
    ("0x1", 0), ("4294967296", 0), ("one", 1),
  ])
  func `R-41: a number is read as far as its digits go`(_ text: String, _ queues: UInt32) throws {
    let world = try BackendWorld()
    try world.directories.reportHotplug()
    try world.front.open(NetfrontOptions(extraKeys: ["multi-queue-num-queues": text]))
    world.settle()
    #expect(world.device.failure == (queues == 0 ? .badQueueCount(0) : nil))
    #expect(world.device.vif.queues.count == Int(queues))
  }

  @Test(arguments: [
    ("feature-sg", NetifFeatures.scatterGather, "1", "0"),
    ("feature-gso-tcpv4", .gsoTCPv4, "1", "0"),
    ("feature-gso-tcpv6", .gsoTCPv6, "1", "0"), ("feature-rx-notify", .rxNotify, "1", "0"),
    ("feature-no-csum-offload", .checksumIPv4, "0", "1"),
    ("feature-ipv6-csum-offload", .checksumIPv6, "1", "0"),
    ("request-multicast-control", .multicastControl, "1", "0"),
  ])
  func `say what the guest can receive`(
    _ key: String, _ feature: NetifFeatures, _ yes: String, _ no: String
  ) throws {
    // Only the flag of IPv4 checksums is on when its key is absent.
    let absent = feature == .checksumIPv4
    for (value, wanted) in [(yes, true), (no, false), ("?", absent), (nil, absent)]
      as [(String?, Bool)]
    {
      let world = try BackendWorld()
      var options = NetfrontOptions()
      if let value { options.extraKeys = [key: value] } else { options.omittedKeys = [key] }
      try world.connect(options)
      let features = world.device.vif.context.configuration.features
      #expect(features.contains(feature) == wanted, "\(value ?? "absent")")
    }
  }

  @Test(arguments: ["0", "1"])
  func `say that the guest is to be copied to, and need not`(_ value: String) throws {
    let world = try BackendWorld()
    try world.connect(NetfrontOptions(extraKeys: ["request-rx-copy": value]))
    #expect(world.front.backendState == .connected)
  }

  private func expectNothing(_ world: BackendWorld) throws {
    #expect(world.front.backendState == .closing)
    #expect(world.device.vif.queues.isEmpty && world.device.vif.control == nil)
    #expect(world.machine.counters.mappedPages == 0)
    #expect(boundPorts(world) == 0)
    let store = world.machine.connect(.control).store
    #expect(store.value(world.path.backend + "/error") != nil)
  }

  /// Ports that are open beside the frontend's own.
  private func boundPorts(_ world: BackendWorld) -> Int {
    let own = Set(world.front.queues.flatMap { [$0.tx.port, $0.rx.port] }).count
    return world.machine.counters.openPorts - own - (world.front.control == nil ? 0 : 1)
  }
}
