import Netback
import Netfront
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

/// A backend process: what it holds of Xen goes when it goes.
private final class BackendProcess {
  let worker: NetbackWorker
  let device: VifDevice
  private let machine: SimulatedMachine

  init(_ machine: SimulatedMachine, _ path: VifPath, sink: CollectingSink) throws {
    self.machine = machine
    let xen = machine.connect(.control)
    worker = NetbackWorker(xen: xen)
    device = try VifDevice(
      configuration: VifConfiguration(domain: path.frontendDomain, handle: path.handle), xen: xen,
      sink: sink)
    worker.add(device)
    machine.loop.add(worker)
  }

  deinit { machine.loop.remove(worker) }
}

/// A guest whose backend may die at any time, as `kill -9` ends it, and be started again.
private final class MortalBackend {
  let machine: SimulatedMachine
  let path = VifPath(frontendDomain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0))
  let front: Netfront
  let directories: VifDirectories
  let toolstack: any Store
  let sink = CollectingSink()
  private(set) var process: BackendProcess?

  init(seed: UInt64 = 1, connected: Bool = true, queues: Int = 1) throws {
    machine = SimulatedMachine(seed: seed)
    toolstack = machine.connect(.control).store
    directories = VifDirectories(path, store: toolstack)
    front = Netfront(path, xen: machine.connect(path.frontendDomain), loop: machine.loop)
    try directories.create()
    try directories.reportHotplug()
    try start()
    guard connected else { return }
    var options = NetfrontOptions(queues: queues, txPages: 256, rxPages: 256)
    options.txStart = RingIndex(rawValue: .max - 40)
    try front.connect(options, until: later)
  }

  var later: MonotonicInstant { machine.loop.now.advanced(by: 10_000_000_000) }
  var backendState: XenbusState { toolstack.state(of: path.backend) }
  var device: VifDevice { get throws { try #require(process?.device) } }

  func start() throws { process = try BackendProcess(machine, path, sink: sink) }
  func kill() { process = nil }

  func settle(_ nanoseconds: UInt64 = 1_000_000) {
    _ = machine.loop.run(until: machine.loop.now.advanced(by: nanoseconds), unless: { false })
  }
}

/// What Linux's frontend does when it is bound to its device again.
extension MortalBackend {
  fileprivate func rebind() throws {
    front.abandon()
    try front.publish(.closed)
    settle()
    try front.connect(until: later)
  }
}

@Suite struct `A backend that died without a word` {
  @Test(arguments: Thoroughness.some(of: 1...20 as ClosedRange<UInt64>, every: 4))
  func `is replaced again and again in traffic, and no frame is lost or doubled`(
    seed: UInt64
  ) throws {
    let world = try MortalBackend(seed: seed, queues: 2)
    var random = SeededGenerator(seed: seed)
    let senders = world.front.queues.map(TxSender.init)
    var sent: [[UInt8]] = []
    for _ in 0..<30 {
      for _ in 0..<Int.random(in: 1...40, using: &random) {
        let queue = Int.random(in: 0...1, using: &random)
        let frame = pattern(Int.random(in: 60...9000, using: &random), from: UInt8(sent.count & 63))
        guard (try? senders[queue].send(frame.span.octets)) != nil else { break }
        sent.append(frame)
        world.front.queues[queue].tx.publish()
      }
      world.settle(UInt64.random(in: 0...6000, using: &random))
      if Bool.random(using: &random) {
        world.kill()
        for sender in senders { _ = try sender.collect() }
        try world.start()
      }
      for sender in senders { _ = try sender.collect() }
    }
    world.settle()
    for sender in senders {
      _ = try sender.collect()
      #expect(sender.outstanding == 0)
    }
    #expect(world.sink.frames.map(\.octets).sorted(by: precedes) == sent.sorted(by: precedes))
    #expect(world.backendState == .connected)
    #expect(world.machine.counters.mappedPages == 4)
  }

  private func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.lexicographicallyPrecedes(right)
  }

  @Test func `is replaced, and frames for the guest go on`() throws {
    let world = try MortalBackend()
    let receiver = RxReceiver(world.front.queues[0])
    receiver.refill()
    for round in 0..<5 {
      let frame = pattern(3000, from: UInt8(round))
      let now = world.machine.loop.now
      let isTaken = try world.device.vif.send(
        frame.span.octets, offload: FrameOffload(), queue: 0, now: now)
      #expect(isTaken)
      _ = try world.device.poll(now: now)
      world.kill()
      try world.start()
      world.settle()
      let received = try receiver.receive().map { try $0.get().octets }
      #expect(received == [frame])
      receiver.refill()
    }
  }

  @Test func `tells the guest once of answers it may not have heard of`() throws {
    let world = try MortalBackend()
    let sender = TxSender(world.front.queues[0])
    _ = try sender.send(pattern(60).span.octets)
    world.front.queues[0].tx.publish(.never)
    let now = world.machine.loop.now
    // Polls the ring alone: the event is not sent.
    #expect(try world.device.vif.queues[0].tx.poll(now: now).notification == .required)
    world.kill()
    while world.front.xen.events.takePending() != nil {}
    try world.start()
    world.settle()
    #expect(world.front.xen.events.takePending() != nil)
    #expect(try sender.collect().map(\.status) == [.okay])
  }

  @Test(arguments: 0...8)
  func `had answered some slots without saying so: their packets are not sent twice`(
    overwritten: Int
  ) throws {
    let world = try MortalBackend()
    world.kill()
    let sender = TxSender(world.front.queues[0])
    let tx = world.front.queues[0].tx
    let start = tx.requestProducer
    let gso = FrameOffload(
      checksum: .unknown, segmentation: Segmentation(size: 1000, type: Segmentation.tcpv4))
    // One slot; three slots and an extra; two slots; one slot.
    let packets = [(pattern(60), 1), (tcp(9000), 4), (pattern(5000, from: 1), 2), (pattern(61), 1)]
    for (octets, slots) in packets {
      _ = try sender.send(octets.span.octets, offload: slots == 4 ? gso : FrameOffload())
    }
    for ahead in 0..<overwritten {
      let index = start.advanced(by: UInt32(ahead))
      var words = tx.read(at: index)
      // The extra is the third slot's place: its status alone is written.
      words[0] =
        ahead == 2 ? words[0] & 0xffff | 1 << 16 : UInt32(TxRequest(words: words).id)
      tx.write(words, at: index)
    }
    tx.publish()
    try world.start()
    world.settle()
    let ends = [1, 5, 7, 8]
    let whole = ends.firstIndex { overwritten <= $0 }.map { overwritten == 0 ? 0 : $0 + 1 } ?? 4
    let expected = packets.dropFirst(whole).map { $0.0.count }
    #expect(world.sink.frames.map(\.octets.count) == expected)
    #expect(try sender.collect().filter { $0.status == .okay }.count == 7)
    #expect(sender.outstanding == 0)
    #expect(try world.device.takeover == .done(answered: whole == 0 ? 0 : ends[whole - 1]))
  }

  /// A TCP frame over IPv4 with so many octets.
  private func tcp(_ count: Int) -> [UInt8] {
    var frame = pattern(count)
    frame.replaceSubrange(12..<15, with: [8, 0, 0x45])
    frame.replaceSubrange(20..<24, with: [0, 0, 64, 6])
    return frame
  }

  @Test func `still lives: its ports are waited for, and the guest is left alone`() throws {
    let world = try MortalBackend()
    let second = try BackendProcess(world.machine, world.path, sink: world.sink)
    world.settle()
    #expect(second.device.failure == .eventChannel(.notBindable))
    #expect(second.device.vif.queues.isEmpty)
    #expect(world.backendState == .connected)
    world.kill()
    world.settle(1_000_000_000)
    #expect(second.device.takeover == .done(answered: 0))
    let sender = TxSender(world.front.queues[0])
    _ = try sender.send(pattern(60).span.octets)
    world.front.queues[0].tx.publish()
    world.settle()
    #expect(try sender.collect().count == 1)
  }

  @Test func `leaves rings that cannot be had: nothing is written, and the guest may begin anew`()
    throws
  {
    let world = try MortalBackend()
    world.kill()
    try world.toolstack.write(world.path.frontend + "/tx-ring-ref", "30000")
    try world.start()
    world.settle()
    guard case .impossible(.grant) = try world.device.takeover else {
      Issue.record("taken over: \(try world.device.takeover)")
      return
    }
    #expect(world.backendState == .connected)
    #expect(world.toolstack.value(world.path.backend + "/error") == nil)
    #expect(world.machine.counters.mappedPages == 0)
    try world.rebind()
    #expect(world.backendState == .connected)
    #expect(world.machine.counters.mappedPages == 2)
  }

  @Test func `while the guest closed: its closing is followed`() throws {
    let world = try MortalBackend()
    world.kill()
    try world.front.publish(.closed)
    try world.start()
    world.settle()
    #expect(world.backendState == .closed)
    try world.rebind()
    #expect(world.backendState == .connected)
  }

  @Test func `before the guest connected: the handshake goes on`() throws {
    let world = try MortalBackend(connected: false)
    world.kill()
    try world.front.open()
    try world.start()
    world.settle()
    #expect(world.backendState == .connected)
  }
}

@Suite struct `A backend that ends` {
  @Test func `closes, and its successor waits until the guest begins anew`() throws {
    let world = try MortalBackend()
    try world.device.close()
    #expect(world.backendState == .closed)
    #expect(world.machine.counters.mappedPages == 0)
    world.kill()
    try world.front.publish(.closed)
    try world.start()
    world.settle()
    #expect(world.backendState == .closed)
    try world.rebind()
    #expect(world.backendState == .connected)
  }

  @Test func `answers Closed when the toolstack writes Closing, and nothing afterwards`() throws {
    let world = try MortalBackend()
    try world.toolstack.remove(world.path.frontend)
    world.settle()
    try world.toolstack.write(world.path.backend + "/state", "5")
    world.settle()
    #expect(world.backendState == .closed)
    #expect(world.machine.counters.mappedPages == 0)
    try world.toolstack.remove(world.path.backend)
    try world.device.close()
    #expect(throws: StoreError.notFound) { try world.toolstack.read(world.path.backend) }
  }

  @Test func `writes no state into a directory that is gone`() throws {
    let world = try MortalBackend()
    try world.toolstack.remove(world.path.backend)
    try world.device.close()
    #expect(throws: StoreError.notFound) { try world.toolstack.read(world.path.backend) }
  }
}
