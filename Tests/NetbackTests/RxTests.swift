import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

@Suite struct `Frames for the guest` {
  private func connected(
    _ options: NetfrontOptions = NetfrontOptions(), profile: RuleProfile = .linux
  ) throws -> (BackendWorld, RxReceiver) {
    let world = try BackendWorld(profile: profile)
    try world.connect(options)
    let receiver = RxReceiver(world.front.queues[0])
    return (world, receiver)
  }

  private func received(_ receiver: RxReceiver) throws -> [ReceivedFrame] {
    try receiver.receive().map { try $0.get() }
  }

  @Test(arguments: [1, 14, 60, 4095, 4096, 4097, 8192, 8193, 65535])
  func `a frame arrives whole, in as many slots as it has pages`(length: Int) throws {
    let (world, receiver) = try connected()
    receiver.refill()
    #expect(world.send(pattern(length)))
    world.settle()
    let frames = try received(receiver)
    #expect(frames.count == 1)
    #expect(frames.first?.octets == pattern(length))
    #expect(frames.first?.slots.count == (length + 4095) / 4096)
  }

  @Test func `the slots of a frame say that more follow, all but the last`() throws {
    let (world, receiver) = try connected()
    receiver.refill()
    #expect(world.send(pattern(9000)))
    world.settle()
    let slots = try #require(try received(receiver).first?.slots)
    #expect(slots.map { $0.flags.contains(.moreData) } == [true, true, false])
    #expect(slots.map(\.status.rawValue) == [4096, 4096, 808])
    #expect(slots.allSatisfy { $0.offset == 0 })
  }

  @Test(arguments: [UInt32(180), 250, .max &- 3, .max])
  func `a chain crosses the ring's end and the end of the indices`(start: UInt32) throws {
    var options = NetfrontOptions()
    options.rxStart = RingIndex(rawValue: start)
    let (world, receiver) = try connected(options)
    receiver.refill()
    for round in 0..<40 {
      #expect(world.send(pattern(12_000, from: UInt8(round))))
      world.settle()
      #expect(try received(receiver).map(\.octets) == [pattern(12_000, from: UInt8(round))])
      receiver.refill()
    }
  }

  @Test func `a frame to be cut carries a segmentation extra behind its first slot`() throws {
    let (world, receiver) = try connected()
    receiver.refill()
    let offload = FrameOffload(
      checksum: .partial, segmentation: Segmentation(size: 1448, type: Segmentation.tcpv4))
    #expect(world.send(pattern(9000), offload: offload))
    world.settle()
    let frame = try #require(try received(receiver).first)
    #expect(frame.extras == [.gso(size: 1448, type: 1)])
    #expect(frame.slots[0].flags == [.extraInfo, .moreData, .checksumBlank, .dataValidated])
    #expect(frame.octets == pattern(9000))
  }

  @Test func `a hash extra follows the segmentation extra`() throws {
    let (world, receiver) = try connected()
    receiver.refill()
    let offload = FrameOffload(
      segmentation: Segmentation(size: 100, type: Segmentation.tcpv6),
      hash: FlowHash(value: 0x0102_0304, type: 3))
    #expect(world.send(pattern(200), offload: offload))
    world.settle()
    let frame = try #require(try received(receiver).first)
    #expect(
      frame.extras == [
        .gso(size: 100, type: 2), .hash(type: 3, algorithm: 1, value: 0x0102_0304),
      ])
  }

  @Test(arguments: [(ChecksumState.unknown, RxFlags()), (.verified, .dataValidated)])
  func `what is known of the checksum stands in the first slot`(
    state: ChecksumState, flags: RxFlags
  ) throws {
    let (world, receiver) = try connected()
    receiver.refill()
    #expect(world.send(pattern(60), offload: FrameOffload(checksum: state)))
    world.settle()
    #expect(try received(receiver).first?.slots[0].flags == flags)
  }

  @Test func `R-33: a frame waits until there are slots for all of it`() throws {
    let (world, receiver) = try connected()
    receiver.refill(limit: 1)
    #expect(world.send(pattern(5000)))
    world.settle()
    #expect(try received(receiver).isEmpty)
    receiver.refill(limit: 1)
    world.settle()
    #expect(try received(receiver).map(\.octets) == [pattern(5000)])
  }

  @Test func `R-34: the queue refuses frames once 524288 octets wait`() throws {
    let (world, _) = try connected()
    var accepted = 0
    while world.send(pattern(4096)) { accepted += 1 }
    #expect(accepted == 128)
    #expect(world.device.vif.queues[0].rx.waitingOctets == 524_288)
    #expect(world.device.vif.context.statistics.rxRefused == 1)
  }

  @Test(arguments: [(RuleProfile.linux, Int16(-3)), (.netif, -1)], [0, 1, 2])
  func `R-35: a slot whose page cannot be written says so, and the others stand`(
    profile: (RuleProfile, Int16), bad: Int
  ) throws {
    let (world, _) = try connected(profile: profile.0)
    let rx = world.front.queues[0].rx
    let pages = world.front.queues[0].rxPages
    for place in 0..<3 {
      let page = try #require(pages.take())
      let grant = place == bad ? GrantReference(rawValue: 0x00ff_fff0) : pages.grant(of: page)
      rx.put(RxRequest(id: UInt16(100 + place), grant: grant))
    }
    rx.publish()
    #expect(world.send(pattern(3 * 4096)))
    world.settle()
    let taken = try (0..<3).compactMap { _ in try rx.takeResponse() }
    let slots = taken.map { RxResponse(words: $0.words) }
    try #require(slots.count == 3)
    #expect(slots.map(\.id) == [100, 101, 102])
    for place in 0..<3 {
      #expect(slots[place].status.rawValue == (place == bad ? profile.1 : 4096))
      #expect(slots[place].flags.contains(.moreData) == (place < 2))
    }
  }

  @Test(arguments: [256, 4095] as [UInt16])
  func `R-37: headroom stays free in every page, and counts as delivered`(
    _ headroom: UInt16
  ) throws {
    var options = NetfrontOptions()
    options.extraKeys = ["xdp-headroom": "\(headroom)"]
    let (world, _) = try connected(options)
    let pages = world.front.queues[0].rxPages
    let rx = world.front.queues[0].rx
    let room = 4096 - Int(headroom)
    let frame = pattern(room + min(room, 100))
    var taken: [Int] = []
    for id in 0..<3 as Range<UInt16> {
      let page = try #require(pages.take())
      rx.put(RxRequest(id: id, grant: pages.grant(of: page)))
      taken.append(page)
    }
    rx.publish()
    #expect(world.send(frame))
    world.settle()
    let slots = try (0..<3).compactMap { _ in try rx.takeResponse()?.words }
    try #require(slots.count == 3)
    #expect(try ExtraInfoSlot(words: slots[1]).info == .xdp(headroom: headroom))
    var octets: [UInt8] = []
    for (slot, page) in [(slots[0], taken[0]), (slots[2], taken[2])] {
      let response = RxResponse(words: slot)
      #expect(response.offset == 0)
      let end = Int(response.status.rawValue)
      pages.append(page: page, Int(headroom)..<end, to: &octets)
    }
    #expect(octets == frame)
    #expect(try rx.takeResponse() == nil)
  }

  @Test func `R-37: requests are counted with the headroom and its extra`() throws {
    var options = NetfrontOptions()
    options.extraKeys = ["xdp-headroom": "256"]
    let (world, receiver) = try connected(options)
    receiver.refill(limit: 2)
    #expect(world.send(pattern(4096)))
    world.settle()
    #expect(world.device.vif.queues[0].rx.waitingFrames == 1)
    receiver.refill(limit: 1)
    world.settle()
    #expect(world.device.vif.queues[0].rx.waitingFrames == 0)
  }

  @Test(arguments: [4096, 4097, 32767, 65535])
  func `R-37: a headroom of a page or more is refused`(_ headroom: Int) throws {
    let world = try BackendWorld()
    var options = NetfrontOptions()
    options.extraKeys = ["xdp-headroom": "\(headroom)"]
    try world.directories.reportHotplug()
    try world.front.open(options)
    world.settle()
    #expect(world.device.failure == .badHeadroom(UInt32(headroom)))
    #expect(world.front.backendState == .closing)
    #expect(world.machine.counters.mappedPages == 0)
  }

  @Test func `a guest that reconfigures gets the headroom it asks for`() throws {
    let (world, _) = try connected()
    let path = world.front.path.frontend
    try world.guest.store.write(path + "/xdp-headroom", "256")
    try world.front.publish(.reconfiguring)
    world.settle()
    #expect(world.front.backendState == .reconfigured)
    #expect(world.device.vif.context.configuration.receiveHeadroom == 256)
    try world.front.publish(.connected)
    world.settle()
    #expect(world.device.vif.queues.count == 1)
    try world.guest.store.write(path + "/xdp-headroom", "4096")
    try world.front.publish(.reconfiguring)
    world.settle()
    #expect(world.device.failure == .badHeadroom(4096))
    #expect(world.machine.counters.mappedPages == 0)
  }

  @Test func `a guest may begin to list its groups while it is connected`() throws {
    let (world, receiver) = try connected()
    receiver.refill()
    let group: [UInt8] = [1, 0, 0x5e, 0, 0, 1] + pattern(54)
    #expect(world.send(group))
    try world.guest.store.write(world.front.path.frontend + "/request-multicast-control", "1")
    world.settle()
    #expect(!world.send(group))
  }

  @Test func `multicast that nobody asked for is kept from a guest that lists its groups`() throws {
    var options = NetfrontOptions()
    options.extraKeys = ["request-multicast-control": "1"]
    let (world, receiver) = try connected(options)
    receiver.refill()
    let group: [UInt8] = [1, 0, 0x5e, 0, 0, 1] + pattern(54)
    #expect(!world.send(group))
    #expect(world.send([UInt8](repeating: 0xff, count: 6) + pattern(54)))
    world.device.vif.context.multicast = MulticastFilter()
    try world.device.vif.context.multicast.add(MACAddress(bits: 0x0100_5e00_0001))
    #expect(world.send(group))
  }

  @Test func `a guest that was cut off gets nothing more`() throws {
    let (world, receiver) = try connected()
    receiver.refill()
    _ = world.front.queues[0].tx.publish(claiming: RingIndex(rawValue: 257), .always)
    world.settle()
    #expect(world.device.vif.context.isDisabled)
    #expect(!world.send(pattern(60)))
  }
}
