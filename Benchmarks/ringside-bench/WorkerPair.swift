import Netback
import Netfront
import Netif
import SimulatedXen
import XenInterface
import XenRing

/// A guest and the group of workers that serves it, stepping in turn on one thread.
final class WorkerPair {
  /// Packets of one turn.
  static let burst = 32

  private let front: Netfront
  private let device: VifDevice
  private let group: WorkerGroup
  private let queue: FrontQueue
  private let vifQueue: VifQueue
  private let sink: CountingSink
  private let octets: [UInt8]
  private let now = SimulatedLoop.start
  private var sent = 0

  fileprivate init(
    _ front: Netfront, _ device: VifDevice, _ group: WorkerGroup, _ sink: CountingSink, size: Int
  ) {
    self.front = front
    self.device = device
    self.group = group
    self.sink = sink
    queue = front.queues[0]
    vifQueue = device.vif.queues[0]
    octets = Array(repeating: 1, count: size)
  }

  /// Locks taken of those that its vif's workers share.
  var sharedLocks: UInt64 { device.vif.context.sharedLocks }

  /// Sends packets of the guest's; returns how many arrived.
  func send(_ packets: Int) throws -> Int {
    let before = sink.frames
    var left = packets
    while left > 0 {
      for _ in 0..<Self.burst { queue.tx.put(request()) }
      queue.tx.publish()
      step()
      repeat {
        while try queue.tx.takeResponse() != nil {}
      } while queue.tx.armResponseEvent()
      left -= Self.burst
    }
    return sink.frames - before
  }

  private func request() -> TxRequest {
    sent &+= 1
    return TxRequest(
      grant: queue.txPages.grant(of: sent & 255), offset: 0, flags: [],
      id: UInt16(truncatingIfNeeded: sent), size: UInt16(clamping: octets.count))
  }

  /// Hands packets to the guest; returns how many arrived.
  func receive(_ packets: Int) throws -> Int {
    var arrived = 0
    let octets = octets
    while arrived < packets {
      for _ in 0..<min(Self.burst, Int(queue.rx.freeRequests)) {
        let place = Int(queue.rx.requestProducer.rawValue & 255)
        queue.rx.put(RxRequest(id: UInt16(place), grant: queue.rxPages.grant(of: place)))
      }
      queue.rx.publish()
      for _ in 0..<Self.burst {
        _ = vifQueue.send(octets.span.octets, offload: FrameOffload(), now: now)
      }
      step()
      repeat {
        while try queue.rx.takeResponse() != nil { arrived += 1 }
      } while queue.rx.armResponseEvent()
    }
    return arrived
  }

  /// The guest takes its events, the group its turn.
  private func step() {
    while front.xen.events.takePending() != nil {}
    _ = group.step(now: now)
  }
}

/// Counts frames and looks at nothing.
private final class CountingSink: FrameSink {
  var frames = 0
  func deliver(_ batch: FrameBatch, queue: UInt16) { frames += batch.frames.count }
}

/// A backend in domain 0 with a group for each of its guests.
struct WorkerMachine {
  let machine = SimulatedMachine(seed: 1)
  let pairs: [WorkerPair]

  /// Connects guests that send and receive packets of `size` octets.
  init(pairs count: Int, size: Int) throws {
    let groups = (0..<count).map { [machine] _ in WorkerGroup(xen: machine.connect(.control)) }
    let pool = WorkerPool(groups: groups)
    let xen = machine.connect(.control)
    let control = NetbackWorker(xen: xen)
    machine.loop.add(control)
    var pairs: [WorkerPair] = []
    for (place, group) in groups.enumerated() {
      let domain = DomainID(rawValue: UInt16(place + 1))
      let path = VifPath(frontendDomain: domain, handle: VifHandle(rawValue: 0))
      let directories = VifDirectories(path, store: machine.connect(.control).store)
      try directories.create()
      try directories.reportHotplug()
      let sink = CountingSink()
      let device = try VifDevice(
        configuration: VifConfiguration(domain: domain, handle: path.handle), xen: xen,
        sink: sink, pool: pool)
      control.add(device)
      let front = Netfront(path, xen: machine.connect(domain), loop: machine.loop)
      try front.connect(
        NetfrontOptions(txPages: 256, rxPages: 256),
        until: machine.loop.now.advanced(by: 10_000_000_000))
      pairs.append(WorkerPair(front, device, group, sink, size: size))
    }
    self.pairs = pairs
  }

  /// Locks taken so far that several workers share.
  var sharedLocks: UInt64 {
    pairs.reduce(UInt64(machine.counters.sharedLocks)) { $0 + $1.sharedLocks }
  }
}
