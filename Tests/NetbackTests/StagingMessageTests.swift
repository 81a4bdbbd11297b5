import Netback
import Netfront
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

@Suite struct `R-32: messages about staging grants` {
  @Test func `the size of the table is its bound, however much is in it`() throws {
    let rig = try StagingRig(pages: 3)
    #expect(front(rig, 0) == 1024 && front(rig, 1) == 1024)
    #expect(try rig.add(rig.entries(0..<3)) == .success)
    #expect(front(rig, 0) == 1024)
  }

  private func front(_ rig: StagingRig, _ queue: Int) -> Int? {
    rig.front.stagingCapacity(of: queue, until: rig.world.later)
  }

  @Test(arguments: [8, 9, 10] as [UInt16], [2, 3, 0xffff, .max] as [UInt32])
  func `a queue that is not there is refused`(_ type: UInt16, _ queue: UInt32) throws {
    let rig = try StagingRig(queues: 2, pages: 1)
    rig.list.write(rig.entries(0..<1))
    let before = rig.mapped
    let request = ControlRequest(
      id: 1, type: type, data0: queue, data1: rig.list.grant.rawValue, data2: 1)
    #expect(try rig.ask(request) == (.invalidParameter, 0))
    #expect(rig.mapped == before)
  }

  @Test func `before a queue is connected there is none to stage for`() throws {
    let machine = SimulatedMachine(seed: 1)
    let (xen, guest) = (machine.connect(.control), machine.connect(DomainID(rawValue: 1)))
    let vif = Vif(
      context: VifContext(
        configuration: VifConfiguration(
          domain: guest.domain, handle: VifHandle(rawValue: 0), path: .staged),
        grants: xen.grants, sink: CollectingSink()))
    let channel = try ControlChannel(backend: .control, xen: guest)
    let list = try StagingList(for: .control, allocator: guest.allocator)
    list.write([StagedGrant(grant: list.grant, isReadOnly: true)])
    try vif.addControl(
      try xen.grants.map(channel.ring.grant, of: guest.domain, access: .readWrite))
    for request in [list.adding(1, to: 0), list.deleting(1, from: 0)] { channel.ring.put(request) }
    channel.ring.publish()
    _ = vif.control?.poll(now: machine.loop.now)
    for _ in 0..<2 {
      let answer = try #require(try channel.ring.takeResponse())
      #expect(ControlResponse(words: answer.words).status == 2)
    }
    #expect(machine.counters.mappedPages == 1)
  }

  @Test(
    arguments: [
      (0, .success), (512, .success), (513, .invalidParameter), (.max, .invalidParameter),
    ]
      as [(UInt32, ControlStatus)])
  func `a list has up to 512 entries`(_ count: UInt32, _ wanted: ControlStatus) throws {
    let rig = try StagingRig(pages: 512)
    rig.list.write(rig.entries(0..<512))
    let before = rig.mapped
    var request = rig.list.adding(0, to: 0)
    request.data2 = count
    #expect(try rig.ask(request) == (wanted, 0))
    #expect(rig.mapped == before + (wanted == .success ? Int(count) : 0))
    request = rig.list.deleting(0, from: 0)
    request.data2 = count
    #expect(try rig.ask(request) == (wanted, wanted == .success ? count : 0))
    #expect(rig.mapped == before)
  }

  @Test func `an empty list need not be granted`() throws {
    let rig = try StagingRig()
    for type in [9, 10] as [UInt16] {
      let request = ControlRequest(
        id: 0, type: type, data0: 0, data1: ungranted.rawValue, data2: 0)
      #expect(try rig.ask(request) == (.success, 0))
    }
  }

  @Test(arguments: [9, 10] as [UInt16])
  func `a list that is not granted is refused`(_ type: UInt16) throws {
    let rig = try StagingRig(pages: 1)
    #expect(try rig.add(rig.entries(0..<1)) == .success)
    let request = ControlRequest(
      id: 0, type: type, data0: 0, data1: ungranted.rawValue, data2: 1)
    #expect(try rig.ask(request) == (.invalidParameter, 0))
    #expect(try rig.table.count == 1)
  }

  @Test func `the pages of a list are mapped with one call, those for reading apart`() throws {
    let rig = try StagingRig(pages: 20)
    let before = rig.world.machine.counters
    #expect(
      try rig.add(rig.entries(0..<12) + rig.entries(12..<20, isReadOnly: true)) == .success)
    let after = rig.world.machine.counters
    #expect(after.mapCalls - before.mapCalls == 2)
    #expect(after.mappedPages - before.mappedPages == 20)
  }

  @Test(arguments: [0, 250, 511])
  func `one entry that cannot be mapped has none added`(_ bad: Int) throws {
    let rig = try StagingRig(pages: 512)
    let before = rig.mapped
    var entries = rig.entries(0..<256) + rig.entries(256..<512, isReadOnly: true)
    entries[bad].grant = ungranted
    #expect(try rig.add(entries) == .invalidParameter)
    #expect(rig.mapped == before)
    #expect(try rig.table.count == 0)
    #expect(rig.list.entries(512) == entries)
    entries[bad].grant = rig.pages.grants[bad]
    #expect(try rig.add(entries) == .success)
  }

  @Test func `a page that is granted for reading cannot be staged for writing`() throws {
    let rig = try StagingRig()
    let grant = rig.front.queues[0].txPages.grant(of: 0)
    #expect(
      try rig.add([StagedGrant(grant: grant, isReadOnly: false)]) == .invalidParameter)
    #expect(try rig.add([StagedGrant(grant: grant, isReadOnly: true)]) == .success)
  }

  @Test func `duplicate ADD: an entry twice in a list, or staged already, has none added`() throws {
    let rig = try StagingRig(pages: 4)
    let before = rig.mapped
    #expect(try rig.add(rig.entries(0..<2) + rig.entries(0..<1)) == .invalidParameter)
    #expect(rig.mapped == before)
    #expect(try rig.add(rig.entries(0..<2)) == .success)
    #expect(
      try rig.add(rig.entries(2..<4) + rig.entries(1..<2, isReadOnly: true)) == .invalidParameter)
    #expect(try rig.table.count == 2)
    #expect(try rig.add(rig.entries(2..<4)) == .success)
    #expect(rig.mapped == before + 4)
  }

  @Test func `staging table full: what is beyond the bound is refused as a whole, per queue`()
    throws
  {
    let rig = try StagingRig(pages: 1026)
    #expect(try rig.add(rig.entries(0..<512)) == .success)
    #expect(try rig.add(rig.entries(512..<1023)) == .success)
    #expect(try rig.add(rig.entries(1023..<1025)) == .invalidParameter)
    #expect(try rig.table.count == 1023)
    #expect(try rig.add(rig.entries(1023..<1024)) == .success)
    #expect(try rig.add(rig.entries(1024..<1025)) == .invalidParameter)
    #expect(try rig.add(rig.entries(1024..<1026), to: 1) == .success)
    #expect(try rig.delete(rig.entries(5..<6)).data == 1)
    #expect(try rig.add(rig.entries(1024..<1025)) == .success)
  }

  @Test func `each queue has a table of its own`() throws {
    let rig = try StagingRig(pages: 2)
    #expect(try rig.add(rig.entries(0..<2), to: 1) == .success)
    #expect(try rig.table.count == 0)
    #expect(try rig.delete(rig.entries(0..<1), from: 0).statuses == [2])
    #expect(try rig.add(rig.entries(0..<2), to: 0) == .success)
    #expect(try rig.delete(rig.entries(0..<2), from: 1).statuses == [0, 0])
    #expect(try rig.table.count == 2)
  }

  @Test func `DEL writes a status beside each entry and answers how many it unmapped`() throws {
    let rig = try StagingRig(pages: 8)
    let before = rig.mapped
    #expect(try rig.add(rig.entries(0..<6)) == .success)
    var asked = rig.entries(2..<4) + rig.entries(6..<8) + rig.entries(3..<4)
    asked.append(StagedGrant(grant: ungranted, isReadOnly: true))
    for place in asked.indices { asked[place].status = 0xeeee }
    let answer = try rig.delete(asked)
    #expect(answer == (.success, 2, [0, 0, 2, 2, 2, 2]))
    #expect(rig.mapped == before + 4)
    #expect(rig.list.entries(6).map(\.grant) == asked.map(\.grant))
    #expect(rig.list.entries(6).map(\.flags) == asked.map(\.flags))
  }

  @Test func `a list that cannot be written to deletes nothing`() throws {
    let rig = try StagingRig(pages: 2)
    #expect(try rig.add(rig.entries(0..<2)) == .success)
    let list = try StagingList(
      for: .control, allocator: rig.world.guest.allocator, access: .readOnly)
    list.write(rig.entries(0..<2))
    #expect(try rig.ask(list.deleting(2, from: 0)) == (.invalidParameter, 0))
    #expect(try rig.table.count == 2)
    // An addition writes nothing.
    list.write([StagedGrant(grant: list.grant, isReadOnly: true)])
    #expect(try rig.ask(list.adding(1, to: 0)) == (.success, 0))
  }

  /// Xen unmaps what was mapped together only together.
  @Test func `what is left of a list stays mapped when a part of it is deleted`() throws {
    let rig = try StagingRig(pages: 10)
    let before = rig.mapped
    #expect(try rig.add(rig.entries(0..<10)) == .success)
    for place in [3, 9, 0] { #expect(try rig.delete(rig.entries(place..<place + 1)).data == 1) }
    #expect(rig.mapped == before + 7)
    #expect(try rig.table.count == 7)
    for place in 0..<10 {
      #expect(try rig.table.holds(rig.pages.grants[place]) == ![3, 9, 0].contains(place))
    }
  }

  @Test func `what cannot be mapped anew goes with what is deleted of its list`() throws {
    let rig = try StagingRig(pages: 3)
    let before = rig.mapped
    #expect(try rig.add(rig.entries(0..<3)) == .success)
    rig.world.machine.tell([GrantLie(.map, number: 0, answer: .status(.generalError))])
    #expect(try rig.delete(rig.entries(1..<2)) == (.success, 1, [0]))
    #expect(rig.mapped == before)
    #expect(try rig.table.count == 0)
    #expect(try rig.delete(rig.entries(0..<1)).statuses == [2])
  }

  /// Each may have 512 pages mapped while all other vifs wait.
  @Test func `a poll takes one list, and goes on with the next`() throws {
    let rig = try StagingRig(pages: 3)
    let control = try #require(rig.world.device.vif.control)
    let ring = try #require(rig.front.control).ring
    rig.list.write(rig.entries(0..<3))
    ring.put(ControlRequest(id: 1, type: 8))
    ring.put(rig.list.adding(3, to: 0, id: 2))
    ring.put(rig.list.deleting(2, from: 0, id: 3))
    ring.put(ControlRequest(id: 4, type: 8))
    ring.publish(.never)
    let polls = (0..<3).map { _ in control.poll(now: rig.world.machine.loop.now) }
    #expect(polls.map(\.messages) == [2, 1, 1])
    #expect(polls.map(\.hasMore) == [true, true, false])
    for id in [1, 2, 3, 4] as [UInt16] {
      let answer = ControlResponse(words: try #require(try ring.takeResponse()).words)
      #expect(answer.id == id && answer.status == 0)
    }
    #expect(try rig.table.count == 1)
  }

  /// The list is copied once: what is added is what was looked at.
  @Test func `a list that changes while it is looked at is one list or the other`() throws {
    let rig = try StagingRig(pages: 4)
    let grants = ChangingGrants(rig.world.xen.grants) {
      rig.list.write(rig.entries(2..<4))
    }
    let context = VifContext(
      configuration: VifConfiguration(
        domain: rig.world.guest.domain, handle: VifHandle(rawValue: 9), path: .staged),
      grants: grants, sink: CollectingSink())
    let vif = Vif(context: context)
    let front = try FrontQueue(
      NetfrontOptions(), split: false, backend: .control, xen: rig.world.guest)
    let channel = try ControlChannel(backend: .control, xen: rig.world.guest)
    let base = rig.world.xen.grants
    let domain = rig.world.guest.domain
    try vif.addQueue(
      VifQueueRings(
        tx: try base.map(front.tx.grant, of: domain, access: .readWrite),
        rx: try base.map(front.rx.grant, of: domain, access: .readWrite)))
    try vif.addControl(try base.map(channel.ring.grant, of: domain, access: .readWrite))
    rig.list.write(rig.entries(0..<2))
    channel.ring.put(rig.list.adding(2, to: 0))
    channel.ring.publish()
    _ = vif.control?.poll(now: rig.world.machine.loop.now)
    let table = try #require(vif.queues[0].staging)
    #expect(grants.copies == 1)
    #expect(table.count == 2)
    #expect(table.holds(rig.pages.grants[0]) && table.holds(rig.pages.grants[1]))
  }

  @Test func `what is staged is unmapped when the rings go, and not staged when they come again`()
    throws
  {
    let rig = try StagingRig(pages: 100)
    #expect(try rig.add(rig.entries(0..<100)) == .success)
    #expect(try rig.add(rig.entries(0..<50), to: 1) == .success)
    try rig.front.close(until: rig.world.later)
    #expect(rig.mapped == 0)
    try rig.world.connect(NetfrontOptions(queues: 2, controlRing: true))
    #expect(try rig.table.count == 0)
    #expect(try rig.delete(rig.entries(0..<1)).statuses == [2])
    #expect(try rig.add(rig.entries(0..<100)) == .success)
  }

  @Test func `a guest that vanishes leaves nothing mapped`() throws {
    let rig = try StagingRig(pages: 600)
    #expect(try rig.add(rig.entries(0..<512)) == .success)
    rig.front.abandon()
    rig.world.device.disconnect()
    #expect(rig.mapped == 0)
  }

  @Test func `all pages of a guest are staged list by list`() throws {
    let rig = try StagingRig(
      queues: 2, options: NetfrontOptions(txPages: 256, rxPages: 256))
    let before = rig.mapped
    #expect(try rig.front.stagePages(until: rig.world.later) == 1024)
    #expect(rig.mapped == before + 1024)
  }
}

/// A grant device under which a guest changes its list as soon as it has been copied.
private final class ChangingGrants: GrantDeviceLayer {
  let base: any GrantDevice
  private let change: () -> Void
  private(set) var copies = 0

  init(_ base: any GrantDevice, _ change: @escaping () -> Void) {
    self.base = base
    self.change = change
  }

  func copy(
    _ operations: inout MutableSpan<GrantCopy>, from domain: DomainID,
    into buffer: inout MutableRawSpan
  ) {
    base.copy(&operations, from: domain, into: &buffer)
    copies += 1
    change()
  }
}
