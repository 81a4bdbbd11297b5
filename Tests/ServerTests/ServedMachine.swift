import Netback
import Netfront
import Netif
import PacketCapture
import Server
import SimulatedXen
import Testing
import XenInterface
import XenRing

/// A port of a test's: it keeps what guests send, and has frames for them. So do its ends.
final class TestPort: DividedPort {
  weak var target: (any FrameTarget)?
  var inbox: [[UInt8]] = []
  /// What travels beside the frames in the inbox.
  var offload = FrameOffload()
  /// Whether further ends can be opened.
  var isDivisible = true
  /// Those that were opened last, by queue; the first is the port.
  var ends: [Int: TestPort] { isOpened ? others.merging([0: self]) { $1 } : [:] }
  private var isOpened = false
  private var others: [Int: TestPort] = [:]
  /// Who serves the queue of this end.
  private(set) weak var group: WorkerGroup?
  private(set) var frames: [[UInt8]] = []
  private(set) var isAwaited = true
  let refused: UInt64 = 0
  private(set) var isRetired = false
  private(set) var isCutOff = false
  private(set) var features: NetifFeatures = []

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    for place in batch.frames.indices {
      var octets: [UInt8] = []
      guard batch.gather(batch.frames[place], in: &octets) else { continue }
      frames.append(octets)
    }
  }

  func takeFrames(atMost limit: Int, now: MonotonicInstant) -> Int {
    let batch = inbox.prefix(limit)
    inbox.removeFirst(batch.count)
    for frame in batch { target?.take(frame.span.octets, offload, now: now) }
    return batch.count
  }

  func openEnd(of queue: Int) throws(CaptureError) -> any DividedPort {
    guard isDivisible || queue == 0 else { throw .system(24) }
    isOpened = true
    if queue == 0 { return self }
    let end = TestPort()
    others[queue] = end
    return end
  }

  func move(to group: WorkerGroup?) { self.group = group }

  func awaitFrames(_ isAwaited: Bool) { self.isAwaited = isAwaited }
  func connected(_ features: NetifFeatures) { self.features = features }
  func cutOff() { isCutOff = true }
  func retire() { isRetired = true }
}

/// Gives each vif a port of its own, but none to those that are named.
final class TestPorts: PortMaker {
  let sharedPorts: [any FramePort] = []
  var withoutPort: Set<VifPlace> = []
  private(set) var ports: [VifPlace: TestPort] = [:]

  func makePort(for place: VifPlace) throws(CaptureError) -> any FramePort {
    guard !withoutPort.contains(place) else { throw .noInterface }
    let port = TestPort()
    ports[place] = port
    return port
  }
}

/// A process that serves, on a machine that outlives it.
final class ServingProcess {
  let server: VifServer
  /// Those that serve the queues; none where the server does.
  let groups: [WorkerGroup]
  private(set) var news: [VifPlace: [VifNews]] = [:]
  private let machine: SimulatedMachine

  init(
    _ machine: SimulatedMachine, _ ports: any PortMaker, path: DataPath = .copy,
    only: Set<VifPlace>? = nil, groups count: Int = 0
  ) throws {
    self.machine = machine
    groups = (0..<count).map { _ in WorkerGroup(xen: machine.connect(.control)) }
    server = try VifServer(
      xen: machine.connect(.control), path: path, ports: ports, only: only,
      pool: groups.isEmpty ? nil : WorkerPool(groups: groups))
    server.onNews = { [unowned self] in news[$0, default: []].append($1) }
    for worker in workers { machine.loop.add(worker) }
  }

  deinit { for worker in workers { machine.loop.remove(worker) } }

  private var workers: [any Worker] { [server] + groups }

  /// Has all look for frames, as a device does that has some.
  func wake() { for worker in workers { machine.loop.wake(worker) } }
}

/// A guest with one vif.
final class TestGuest {
  let place: VifPlace
  let front: Netfront
  let directories: VifDirectories
  /// By queue, as are the receivers.
  private(set) var senders: [TxSender] = []
  private(set) var receivers: [RxReceiver] = []
  private let machine: SimulatedMachine

  init(_ machine: SimulatedMachine, domain: UInt16, handle: UInt32 = 0) throws {
    self.machine = machine
    place = VifPlace(domain: DomainID(rawValue: domain), handle: VifHandle(rawValue: handle))
    let path = VifPath(frontendDomain: place.domain, handle: place.handle)
    directories = VifDirectories(path, store: machine.connect(.control).store)
    front = Netfront(path, xen: machine.connect(place.domain), loop: machine.loop)
    try directories.create()
    try directories.reportHotplug()
  }

  var later: MonotonicInstant { machine.loop.now.advanced(by: 1_000_000_000) }

  func connect(
    _ options: NetfrontOptions = NetfrontOptions(txPages: 256, rxPages: 256)
  ) throws {
    try front.connect(options, until: later)
    senders = front.queues.map { TxSender($0) }
    receivers = front.queues.map { RxReceiver($0) }
  }

  func send(
    _ octets: [UInt8], _ offload: FrameOffload = FrameOffload(), queue: Int = 0
  ) throws {
    _ = try senders[queue].send(octets.span.octets, offload: offload)
    front.queues[queue].tx.publish()
  }

  func received(queue: Int = 0) throws -> [ReceivedFrame] {
    let frames = try receivers[queue].receive().map { try $0.get() }
    receivers[queue].refill()
    return frames
  }

  func offerPages() { for receiver in receivers { receiver.refill() } }

  func close() throws {
    (senders, receivers) = ([], [])
    try front.close(until: later)
  }

  func vanish() throws {
    (senders, receivers) = ([], [])
    try directories.remove(through: machine.loop, until: later)
    front.abandon()
  }
}

extension SimulatedMachine {
  func settle(_ nanoseconds: UInt64 = 1_000_000) {
    _ = loop.run(until: loop.now.advanced(by: nanoseconds), unless: { false })
  }
}

/// An Ethernet frame between two addresses, which are one octet here.
func ethernet(from source: UInt8, to target: UInt8, _ count: Int = 60) -> [UInt8] {
  let address = { (last: UInt8) in
    [UInt8](repeating: last == 0xff ? 0xff : 0, count: 5) + [last]
  }
  return address(target) + address(source)
    + (12..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 256) }
}
