import Netback
import Netfront
import Netif
import XenInterface
import XenRing

/// A guest and the worker that serves it, stepping in turn on one thread.
final class WorkerPair {
  /// Packets of one turn.
  static let burst = 32
  /// Nanoseconds that a connection or its end may take, even in an emulated machine.
  private static let patience: UInt64 = 20_000_000_000

  private let front: Netfront
  private let device: VifDevice
  private let worker: any Worker
  /// The queue that packets take, at both ends.
  private var queue: FrontQueue
  private var vifQueue: VifQueue
  private let sink: CountingSink
  private let directories: VifDirectories
  private let octets: [UInt8]
  private let pageMask: Int
  private let loop: any WorldLoop
  private var sent = 0
  /// Frames that the network brought.
  private var carried = 0

  /// Makes a vif and connects its guest.
  ///
  /// - Parameters:
  ///   - control: who follows the store, on the site's loop.
  ///   - worker: who serves the queue, called by this pair alone while packets go.
  ///   - pool: where `worker` is a group, the pool that has it.
  ///   - path: how data comes; by `staged` the guest has all its pages staged.
  ///   - size: octets of a packet.
  ///   - queues: of which packets take the first until `turn(to:)`.
  ///   - pages: of each way and queue, a power of two, at least a turn's packets.
  init(
    _ site: PairSite, control: NetbackWorker, worker: any Worker, pool: WorkerPool? = nil,
    path: DataPath = .copy, size: Int, queues: Int = 1, pages: Int = 256
  ) throws {
    let vif = VifPath(
      backendDomain: site.backend.domain, frontendDomain: site.guest.domain, handle: site.handle)
    directories = VifDirectories(vif, store: site.backend.store)
    try directories.create()
    try directories.reportHotplug()
    sink = CountingSink()
    device = try VifDevice(
      configuration: VifConfiguration(domain: vif.frontendDomain, handle: vif.handle, path: path),
      xen: site.backend, sink: sink, pool: pool)
    control.add(device)
    front = Netfront(vif, xen: site.guest, loop: site.loop)
    let deadline = site.loop.now.advanced(by: Self.patience)
    try front.connect(
      NetfrontOptions(queues: queues, controlRing: true, txPages: pages, rxPages: pages),
      until: deadline)
    pageMask = pages - 1
    queue = front.queues[0]
    let staged = path == .staged ? try front.stagePages(until: deadline) : 0
    guard path != .staged || staged == queue.stagedPages.count else { throw PairFault.notStaged }
    vifQueue = device.vif.queues[0]
    self.worker = worker
    octets = Array(repeating: 1, count: size)
    loop = site.loop
  }

  /// Locks taken of those that its vif's workers share.
  var sharedLocks: UInt64 { device.vif.context.sharedLocks }

  /// Throws when not all packets so far went over staged pages, those that the network brought at once,
  /// or when some did though none should.
  func expectStaged(_ isStaged: Bool) throws {
    let seen = device.vif.context.statistics
    let wanted = isStaged ? (seen.txPackets, seen.rxPackets, UInt64(carried)) : (0, 0, 0)
    guard (seen.txStaged.slots, seen.rxStaged.slots, seen.rxAtOnce) == wanted else {
      throw PairFault.wrongWay
    }
  }

  /// Has packets take another queue.
  func turn(to number: Int) {
    (queue, vifQueue) = (front.queues[number], device.vif.queues[number])
  }

  /// Closes the connection and takes the vif away.
  func end() throws {
    try front.close(until: loop.now.advanced(by: Self.patience))
    try directories.remove(through: loop, until: loop.now.advanced(by: Self.patience))
  }

  /// The guest takes its events, the worker its turn.
  private func step(now: MonotonicInstant) {
    while front.xen.events.takePending() != nil {}
    _ = worker.step(now: now)
  }
}

// MARK: - From the guest

extension WorkerPair {
  /// Sends packets of the guest's; returns how many arrived.
  func send(_ packets: Int) throws -> Int {
    let before = sink.frames
    var left = packets
    while left > 0 {
      publishBurst()
      step(now: loop.now)
      try takeAnswers()
      left -= Self.burst
    }
    return sink.frames - before
  }

  /// Sends a turn's packets.
  func publishBurst() {
    for _ in 0..<Self.burst { queue.tx.put(request()) }
    queue.tx.publish()
  }

  /// Takes the answers that are there, all of them OKAY.
  func takeAnswers() throws {
    repeat {
      while let slot = try queue.tx.takeResponse() {
        guard TxResponse(words: slot.words).status == .okay else { throw PairFault.refused }
      }
    } while queue.tx.armResponseEvent()
  }

  private func request() -> TxRequest {
    sent &+= 1
    return TxRequest(
      grant: queue.txPages.grant(of: sent & pageMask), offset: 0, flags: [],
      id: UInt16(truncatingIfNeeded: sent), size: UInt16(clamping: octets.count))
  }
}

// MARK: - To the guest

extension WorkerPair {
  /// Who brings a frame for the guest.
  enum Bringer {
    /// Whoever serves the queue, between two polls: the frame waits for the next.
    case worker
    /// Somebody before the poll: where the guest has staged its pages the frame is there at once.
    case network
  }

  /// Hands packets to the guest; returns how many arrived.
  func receive(_ packets: Int, from bringer: Bringer = .worker) throws -> Int {
    var arrived = 0
    let octets = octets
    while arrived < packets {
      offer(Self.burst)
      let now = loop.now
      for _ in 0..<Self.burst { give(octets.span.octets, from: bringer, now: now) }
      step(now: now)
      arrived += try takeFrames()
    }
    if bringer == .network { carried += arrived }
    return arrived
  }

  /// Hands frames to the guest one by one, each when the one before has arrived.
  ///
  /// - Returns: of each the nanoseconds until its answer stood in the ring. Where it waits, the turn of
  ///   the worker is in it: a look for changes in the store and for events, and a poll.
  func latencies(_ frames: Int, from bringer: Bringer) throws -> [Double] {
    let clock = ContinuousClock()
    let octets = octets
    return try (0..<frames).map { _ in
      offer(1)
      // The worker hears of the offer before the time begins.
      step(now: loop.now)
      let now = loop.now
      let start = clock.now
      give(octets.span.octets, from: bringer, now: now)
      if bringer == .worker { _ = worker.step(now: now) }
      let time = clock.now - start
      guard try takeFrames() == 1 else { throw PairFault.late }
      if bringer == .network { carried += 1 }
      return time / .nanoseconds(1)
    }
  }

  private func offer(_ count: Int) {
    for _ in 0..<min(count, Int(queue.rx.freeRequests)) {
      let place = Int(queue.rx.requestProducer.rawValue) & pageMask
      queue.rx.put(RxRequest(id: UInt16(place), grant: queue.rxPages.grant(of: place)))
    }
    queue.rx.publish()
  }

  @inline(__always)
  private func give(_ octets: RawSpan, from bringer: Bringer, now: MonotonicInstant) {
    switch bringer {
    case .worker: _ = vifQueue.send(octets, offload: FrameOffload(), now: now)
    case .network: _ = device.send(octets, offload: FrameOffload(), queue: 0, now: now)
    }
  }

  private func takeFrames() throws -> Int {
    var arrived = 0
    repeat {
      while let slot = try queue.rx.takeResponse() {
        guard RxResponse(words: slot.words).status.rawValue > 0 else { throw PairFault.refused }
        arrived += 1
      }
    } while queue.rx.armResponseEvent()
    return arrived
  }
}

/// Counts frames and looks at nothing.
private final class CountingSink: FrameSink {
  var frames = 0
  func deliver(_ batch: FrameBatch, queue: UInt16) { frames += batch.frames.count }
}
