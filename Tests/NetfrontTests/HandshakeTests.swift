import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

@Suite struct `A frontend connects` {
  @Test(arguments: [1, 2, 4], [true, false])
  func `with any number of queues, ports split or shared`(queues: Int, split: Bool) throws {
    let rig = try Rig()
    try rig.connect(NetfrontOptions(queues: queues, splitEventChannels: split))
    #expect(rig.front.state == .connected)
    #expect(rig.front.backendState == .connected)
    #expect(rig.front.queues.count == queues)
    #expect(rig.device?.vif.queues.count == queues)
    for queue in rig.front.queues { #expect((queue.tx.port != queue.rx.port) == split) }
  }

  @Test func `to a driver domain's backend`() throws {
    let rig = try Rig(in: DomainID(rawValue: 3))
    try rig.connect(NetfrontOptions(queues: 1))
    let sender = TxSender(try #require(rig.front.queues.first))
    _ = try sender.send(frame(60).span.octets)
    rig.front.queues[0].tx.publish()
    #expect(try rig.answers(sender, count: 1).map(\.status) == [.okay])
  }

  @Test func `again after a close, with other queues and ports than before`() throws {
    let rig = try Rig()
    try rig.connect(NetfrontOptions(queues: 2, splitEventChannels: true))
    try rig.front.close(until: rig.soon)
    #expect(rig.front.backendState == .closed)
    #expect(rig.front.queues.isEmpty)
    try rig.connect(NetfrontOptions(queues: 1, splitEventChannels: false))
    #expect(rig.device?.vif.queues.count == 1)
    let sender = TxSender(try #require(rig.front.queues.first))
    _ = try sender.send(frame(60).span.octets)
    rig.front.queues[0].tx.publish()
    #expect(try rig.answers(sender, count: 1).map(\.status) == [.okay])
  }

  @Test func `and leaves nothing behind when the vif is removed`() throws {
    let rig = try Rig()
    let before = rig.machine.counters
    try rig.connect(NetfrontOptions(queues: 2))
    try rig.directories.remove(through: rig.machine.loop, until: rig.soon)
    rig.front.abandon()
    let after = rig.machine.counters
    #expect(after.mappedPages == 0)
    #expect(after.grantedPages == before.grantedPages)
    #expect(after.openPorts == before.openPorts)
    let store = rig.machine.connect(.control).store
    #expect(store.value(rig.path.backend + "/state") == nil)
    #expect(store.value(rig.path.frontend + "/state") == nil)
  }
}

@Suite struct `A frontend that cannot connect` {
  @Test func `says which state it waited for when there is no backend`() throws {
    let rig = try Rig(hasBackend: false)
    #expect(throws: NetfrontError.wrongState(seen: .initialising, wanted: .initWait)) {
      try rig.connect()
    }
  }

  @Test(arguments: [0, 5])
  func `refuses a number of queues that is not offered`(queues: Int) throws {
    let rig = try Rig()
    #expect(throws: NetfrontError.badQueueCount(wanted: queues, offered: 4)) {
      try rig.connect(NetfrontOptions(queues: queues))
    }
    #expect(rig.machine.counters.grantedPages == 0)
  }

  @Test(arguments: [0, 5])
  func `is refused by the backend when it asks all the same`(queues: Int) throws {
    let rig = try Rig()
    #expect(throws: NetfrontError.wrongState(seen: .closing, wanted: .connected)) {
      try rig.connect(NetfrontOptions(queues: queues, respectsOffer: false))
    }
    #expect(rig.device?.failure == .badQueueCount(UInt32(queues)))
    #expect(rig.machine.counters.grantedPages == 0)
  }

  @Test(arguments: ["tx-ring-ref", "rx-ring-ref", "event-channel"])
  func `learns that a key is missing from the backend's state`(key: String) throws {
    let rig = try Rig()
    #expect(throws: NetfrontError.wrongState(seen: .closing, wanted: .connected)) {
      try rig.connect(NetfrontOptions(splitEventChannels: false, omittedKeys: [key]))
    }
    #expect(rig.device?.failure == .missingKey(key))
  }

  @Test func `waits for the hotplug script no longer than told`() throws {
    let rig = try Rig()
    try rig.directories.reportHotplug("")
    #expect(throws: NetfrontError.wrongState(seen: .initWait, wanted: .connected)) {
      try rig.connect()
    }
  }

  @Test func `needs a backend that copies`() throws {
    let rig = try Rig(hasBackend: false)
    let store = rig.machine.connect(.control).store
    try store.write(rig.path.backend + "/state", "2")
    #expect(throws: NetfrontError.missingFeature("feature-rx-copy")) { try rig.connect() }
  }
}
