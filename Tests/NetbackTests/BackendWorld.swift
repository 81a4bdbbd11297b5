import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

/// A frame as the sink got it.
struct SunkFrame: Equatable {
  var octets: [UInt8]
  var offload: FrameOffload
  var queue: UInt16
}

/// Keeps every frame.
final class CollectingSink: FrameSink {
  private(set) var frames: [SunkFrame] = []
  /// Called before the frames of a poll are taken.
  var willTake: (() -> Void)?

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    willTake?()
    for place in batch.frames.indices {
      let frame = batch.frames[place]
      var copy: [UInt8] = []
      guard batch.gather(frame, in: &copy) else { continue }
      self.frames.append(SunkFrame(octets: copy, offload: frame.offload, queue: queue))
    }
  }
}

/// A machine with a Swift backend in domain 0 and a guest in domain 1, which has one vif.
final class BackendWorld {
  let machine: SimulatedMachine
  let path: VifPath
  let guest: DomainInterface
  let directories: VifDirectories
  let sink = CollectingSink()
  let xen: DomainInterface
  let worker: NetbackWorker
  let front: Netfront
  private(set) var device: VifDevice

  init(
    profile: RuleProfile = .linux, dataPath: DataPath = .copy, offer: VifOffer = VifOffer(),
    seed: UInt64 = 1, backendKeys: [String: String] = [:], handle: UInt32 = 0,
    order: AnswerOrder = .ring, sink elsewhere: (any FrameSink)? = nil
  ) throws {
    machine = SimulatedMachine(seed: seed)
    let domain = DomainID(rawValue: 1)
    path = VifPath(
      frontendDomain: domain, handle: VifHandle(rawValue: handle))
    guest = machine.connect(domain)
    directories = VifDirectories(path, store: machine.connect(.control).store)
    try directories.create(backendKeys: backendKeys)
    xen = machine.connect(.control)
    worker = NetbackWorker(xen: xen)
    let configuration = VifConfiguration(
      domain: domain, handle: path.handle, profile: profile, order: order, path: dataPath)
    device = try VifDevice(
      configuration: configuration, offer: offer, xen: xen, sink: elsewhere ?? sink)
    worker.add(device)
    machine.loop.add(worker)
    front = Netfront(path, xen: guest, loop: machine.loop)
  }

  /// A deadline that a simulated wait never needs.
  var later: MonotonicInstant { machine.loop.now.advanced(by: 10_000_000_000) }

  /// Connects the guest, after the hotplug script has reported.
  func connect(_ options: NetfrontOptions = NetfrontOptions()) throws {
    try directories.reportHotplug()
    try front.connect(options, until: later)
  }

  /// Lets the machine run until nothing is left to do.
  func settle() {
    _ = machine.loop.run(until: machine.loop.now.advanced(by: 1_000_000), unless: { false })
  }

  /// Lets the guest send a frame on its first queue.
  ///
  /// - Returns: what it was answered.
  func exchange() throws -> [NetifStatus] {
    let sender = TxSender(front.queues[0])
    _ = try sender.send(pattern(60).span.octets)
    front.queues[0].tx.publish()
    settle()
    return try sender.collect().map(\.status)
  }

  /// Lets the guest close: nothing of it stays mapped or granted.
  func expectCloseLeavesNothing() throws {
    try front.close(until: later)
    settle()
    #expect(machine.counters.mappedPages == 0)
    #expect(machine.counters.grantedPages == 0)
  }

  /// Hands a frame to the vif for the guest, and wakes the worker as a frame source does.
  func send(_ octets: [UInt8], offload: FrameOffload = FrameOffload(), queue: Int = 0) -> Bool {
    let now = machine.loop.now
    let taken = device.send(octets.span.octets, offload: offload, queue: queue, now: now)
    _ = worker.step(now: now)
    return taken
  }
}

/// Octets that count up from `first`.
func pattern(_ count: Int, from first: UInt8 = 0) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: $0) &+ first }
}
