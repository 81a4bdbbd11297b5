import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

/// A guest with a control ring and a page for what its messages point at.
struct ControlRig {
  let world: BackendWorld
  let page: any GrantedPages
  let ring: FrontChannel<ControlRequest, ControlResponse>

  init(queues: Int = 4) throws {
    world = try BackendWorld()
    var options = NetfrontOptions()
    options.queues = queues
    options.controlRing = true
    try world.connect(options)
    page = try world.guest.allocator.share(1, with: .control, access: .readOnly)
    ring = try #require(world.front.control).ring
  }

  var hash: HashState { world.device.vif.context.hash }

  func write(_ octets: [UInt8]) { page.setOctets(octets.span.octets, page: 0, at: 0) }

  func write(_ entries: [UInt32]) {
    write(entries.flatMap { entry in (0..<4).map { UInt8(truncatingIfNeeded: entry >> (8 * $0)) } })
  }

  /// Sends one message and takes its answer.
  func ask(
    _ type: UInt16, _ data0: UInt32 = 0, _ data1: UInt32 = 0, _ data2: UInt32 = 0
  ) throws -> ControlResponse {
    ring.put(ControlRequest(id: 0xa5a5, type: type, data0: data0, data1: data1, data2: data2))
    ring.publish()
    world.settle()
    let response = ControlResponse(words: try #require(try ring.takeResponse()).words)
    #expect(response.id == 0xa5a5)
    #expect(response.type == type)
    return response
  }

  func status(
    _ message: ControlMessage, _ data0: UInt32 = 0, _ data1: UInt32 = 0, _ data2: UInt32 = 0
  ) throws -> ControlStatus? {
    ControlStatus(rawValue: try ask(message.rawValue, data0, data1, data2).status)
  }

  /// Sends a part of the mapping.
  func map(_ count: UInt32, at place: UInt32, grant: GrantReference? = nil) throws -> ControlStatus?
  {
    try status(.setHashMapping, (grant ?? page.grants[0]).rawValue, count, place)
  }
}

@Suite struct `The control ring` {
  @Test(arguments: [0, 8, 9, 10, 11, 0xffff] as [UInt16])
  func `R-29: a type that is not known is not supported, and echoed`(_ type: UInt16) throws {
    let answer = try ControlRig().ask(type, .max, .max, .max)
    #expect(answer.status == ControlStatus.notSupported.rawValue)
    #expect(answer.data == 0)
  }

  /// The protocol has such lists (types 8 to 10); Linux's netback does not.
  @Test(
    arguments: [
      ("the size of the table", [(8, 0, true)]), ("no entry added", [(9, 0, true)]),
      ("512 added", [(9, 512, true)]), ("513 added", [(9, 513, true)]),
      ("2^32 - 1 added", [(9, .max, true)]), ("added twice", [(9, 1, true), (9, 1, true)]),
      ("a list that is not granted", [(9, 1, false)]), ("unknown ones deleted", [(10, 1, true)]),
      ("deleted while in use", [(9, 1, true), (10, 1, true)]),
      ("a table that is full", Array(repeating: (9, 512, true), count: 3)),
    ] as [(String, [(UInt16, UInt32, Bool)])])
  func `R-32: staging grants are not supported, and their list is not written to`(
    _ name: String, _ messages: [(type: UInt16, count: UInt32, isGranted: Bool)]
  ) throws {
    let rig = try ControlRig()
    // A reference that may be read only, its status preset.
    let list: [UInt32] = [rig.world.front.queues[0].txPages.grant(of: 0).rawValue, 0xeeee_0001]
    rig.write(list)
    for message in messages {
      let grant = message.isGranted ? rig.page.grants[0].rawValue : 4_000
      let answer = try rig.ask(message.type, 0, grant, message.count)
      #expect(answer.status == ControlStatus.notSupported.rawValue && answer.data == 0)
    }
    var octets = [UInt8](repeating: 0, count: 8)
    var storage = octets.mutableSpan
    var bytes = storage.octets
    rig.page.copyOctets(page: 0, at: 0, into: &bytes)
    #expect(octets[4...] == [1, 0, 0xee, 0xee])
    #expect(rig.world.machine.counters.mappedPages == 9)
  }

  @Test func `an algorithm comes before hash types`() throws {
    let rig = try ControlRig()
    #expect(try rig.ask(1) == ControlResponse(id: 0xa5a5, type: 1, status: 1, data: 0))
    #expect(try rig.status(.setHashFlags, 1) == .invalidParameter)
    #expect(try rig.status(.setHashAlgorithm, 2) == .invalidParameter)
    #expect(try rig.status(.setHashAlgorithm, 1) == .success)
    #expect(try rig.ask(1) == ControlResponse(id: 0xa5a5, type: 1, status: 0, data: 15))
    #expect(try rig.status(.setHashFlags, 0x10) == .invalidParameter)
    #expect(try rig.status(.setHashFlags, 0xf) == .success)
    #expect(rig.hash.types == .all)
    #expect(try rig.status(.setHashFlags, 0) == .success)
    #expect(rig.hash.types == [])
  }

  @Test(
    arguments: [
      (41, .invalidParameter), (40, .success), (1, .success), (0, .success),
      (0x10000, .invalidParameter),
    ] as [(UInt32, ControlStatus)])
  func `R-31: a key has up to 40 octets, zeros behind them`(
    _ length: UInt32, _ wanted: ControlStatus
  ) throws {
    let rig = try ControlRig()
    rig.write([UInt8](repeating: 7, count: 64))
    #expect(try rig.status(.setHashKey, rig.page.grants[0].rawValue, length) == wanted)
    let kept = wanted == .success ? Int(length) : 0
    let octets = [UInt8](repeating: 7, count: kept)
    #expect(rig.hash.key == ToeplitzKey(octets.span.octets))
  }

  @Test func `R-31: a key that cannot be read changes nothing; none needs no page`() throws {
    let rig = try ControlRig()
    rig.write([1, 2, 3] as [UInt8])
    #expect(try rig.status(.setHashKey, rig.page.grants[0].rawValue, 3) == .success)
    let key = rig.hash.key
    #expect(try rig.status(.setHashKey, 4_000, 3) == .invalidParameter)
    #expect(rig.hash.key == key)
    #expect(try rig.status(.setHashKey, 4_000, 0) == .success)
    #expect(rig.hash.key == ToeplitzKey())
  }

  @Test func `a mapping has up to 128 entries, and begins as zeros`() throws {
    let rig = try ControlRig()
    #expect(try rig.ask(4).data == 128)
    #expect(try rig.status(.setHashMappingSize, 129) == .invalidParameter)
    #expect(try rig.status(.setHashMappingSize, 128) == .success)
    rig.write([UInt32](repeating: 3, count: 128))
    #expect(try rig.map(128, at: 0) == .success)
    #expect(rig.hash.mapping == [UInt32](repeating: 3, count: 128))
    #expect(try rig.status(.setHashMappingSize, 5) == .success)
    #expect(rig.hash.mapping == [0, 0, 0, 0, 0])
    #expect(try rig.status(.setHashMappingSize, 0) == .success)
    #expect(rig.hash.mapping == [])
  }

  @Test(
    arguments: [
      (0x10, 0xffff_fff8, .invalidParameter),
      (1025, 0, .invalidParameter), (0x4001, 0, .invalidParameter), (0x4000, 0, .invalidParameter),
      (0x4000_0001, 0, .invalidParameter),
      (3, 2, .invalidParameter), (1, 4, .invalidParameter), (0, 4, .success), (2, 2, .success),
    ] as [(UInt32, UInt32, ControlStatus)])
  func `R-30 a to c (XSA-270): a part of the mapping lies in it`(
    _ count: UInt32, _ place: UInt32, _ wanted: ControlStatus
  ) throws {
    let rig = try ControlRig()
    #expect(try rig.status(.setHashMappingSize, 4) == .success)
    rig.write([1, 2, 3] as [UInt32])
    #expect(try rig.map(count, at: place) == wanted)
    #expect(rig.hash.mapping == (wanted == .success && count > 0 ? [0, 0, 1, 2] : [0, 0, 0, 0]))
  }

  @Test(arguments: [4, 0xffff_ffff, 0x8000_0000] as [UInt32], [0, 1, 3])
  func `R-30 d and g (XSA-270): a queue that is not there leaves the old mapping in force`(
    _ queue: UInt32, _ place: Int
  ) throws {
    let rig = try ControlRig(queues: 4)
    #expect(try rig.status(.setHashMappingSize, 4) == .success)
    rig.write([3, 2, 1, 0] as [UInt32])
    #expect(try rig.map(4, at: 0) == .success)
    var bad: [UInt32] = [0, 0, 0, 0]
    bad[place] = queue
    rig.write(bad)
    #expect(try rig.map(4, at: 0) == .invalidParameter)
    #expect(rig.hash.mapping == [3, 2, 1, 0])
  }

  @Test func `R-30 e (XSA-270): the page may change once the answer is there`() throws {
    let rig = try ControlRig()
    #expect(try rig.status(.setHashMappingSize, 2) == .success)
    rig.write([1, 2] as [UInt32])
    #expect(try rig.map(2, at: 0) == .success)
    rig.write([99, 99] as [UInt32])
    #expect(rig.hash.mapping == [1, 2])
  }

  @Test func `R-30 f (XSA-270): the whole mapping goes at once, or not at all`() throws {
    let rig = try ControlRig()
    #expect(try rig.status(.setHashMappingSize, 128) == .success)
    rig.write((0..<128).map { UInt32($0 % 4) })
    #expect(try rig.map(128, at: 0, grant: GrantReference(rawValue: 4_000)) == .invalidParameter)
    #expect(rig.hash.mapping == [UInt32](repeating: 0, count: 128))
    #expect(try rig.map(128, at: 0) == .success)
    #expect(rig.hash.mapping == (0..<128).map { UInt32($0 % 4) })
  }

  @Test(arguments: [129, 1 << 31, .max] as [UInt32])
  func `R-28: a producer more than a ring ahead cuts the guest off`(_ ahead: UInt32) throws {
    let rig = try ControlRig()
    rig.ring.publish(claiming: rig.ring.requestProducer.advanced(by: ahead), .always)
    rig.world.settle()
    #expect(rig.world.device.vif.context.isDisabled)
    #expect(try rig.ring.takeResponse() == nil)
  }

  @Test func `a full ring is answered in order`() throws {
    let rig = try ControlRig()
    for id in 0..<128 as Range<UInt16> { rig.ring.put(ControlRequest(id: id, type: 4)) }
    rig.ring.publish()
    rig.world.settle()
    for id in 0..<128 as Range<UInt16> {
      let words = try #require(try rig.ring.takeResponse()).words
      #expect(
        ControlResponse(words: words) == ControlResponse(id: id, type: 4, status: 0, data: 128))
    }
    #expect(try rig.ring.takeResponse() == nil)
    #expect(!rig.world.device.vif.context.isDisabled)
  }

  @Test func `a ring without a port fails the device, and nothing stays`() throws {
    let world = try BackendWorld()
    var options = NetfrontOptions()
    options.controlRing = true
    options.omittedKeys = ["event-channel-ctrl"]
    try world.directories.reportHotplug()
    try world.front.open(options)
    world.settle()
    #expect(world.device.failure == .missingKey("event-channel-ctrl"))
    #expect(world.front.backendState == .closing)
    #expect(world.machine.counters.mappedPages == 0)
  }

  @Test func `a frame goes to the queue that its hash picks, and says so`() throws {
    let rig = try ControlRig(queues: 4)
    #expect(try rig.status(.setHashAlgorithm, 1) == .success)
    #expect(try rig.status(.setHashFlags, 0xf) == .success)
    #expect(try rig.status(.setHashMappingSize, 3) == .success)
    rig.write([1, 3, 2] as [UInt32])
    #expect(try rig.map(3, at: 0) == .success)
    rig.write(pattern(40, from: 9))
    #expect(try rig.status(.setHashKey, rig.page.grants[0].rawValue, 40) == .success)
    let frame = ipv4Frame()
    let found = rig.hash.hash(of: frame.span.octets)
    let hash = try #require(found)
    let receiver = RxReceiver(rig.world.front.queues[[1, 3, 2][Int(hash.value % 3)]])
    receiver.refill()
    #expect(rig.world.send(frame, queue: 0))
    rig.world.settle()
    let packets = try receiver.receive().map { try $0.get() }
    #expect(packets.map(\.octets) == [frame])
    #expect(packets.first?.offload.hash == hash)
  }

  @Test func `what the ring has set outlives a reconnect`() throws {
    let rig = try ControlRig()
    #expect(try rig.status(.setHashAlgorithm, 1) == .success)
    try rig.world.front.close(until: rig.world.later)
    #expect(rig.world.machine.counters.mappedPages == 0)
    try rig.world.connect()
    #expect(rig.hash.algorithm == .toeplitz)
    #expect(rig.world.device.vif.control == nil)
  }
}

/// A small TCP frame.
private func ipv4Frame() -> [UInt8] {
  [UInt8](repeating: 2, count: 12) + [0x08, 0x00, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0]
    + [10, 0, 0, 1, 10, 0, 0, 2, 0x12, 0x34, 0, 80] + [UInt8](repeating: 0, count: 16)
}
