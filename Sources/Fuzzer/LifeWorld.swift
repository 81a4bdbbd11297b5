import Netback
import Netfront
import Netif
import SimulatedXen
import XenInterface
import XenRing

/// A machine with our netback in domain 0, the guest whose vif lives, and another one beside it.
final class LifeWorld {
  private static let guest = DomainID(rawValue: 1)
  private static let seed: UInt64 = 1
  /// Queues that the backend offers.
  static let maximumQueues: UInt32 = 4
  /// Nanoseconds in which the backend comes to rest: a thousand of its steps.
  static let pause: UInt64 = 1_000_000

  let path = VifPath(frontendDomain: LifeWorld.guest, handle: VifHandle(rawValue: 0))
  private let machine = SimulatedMachine(seed: LifeWorld.seed)
  private let seam: ScenarioSeam
  private(set) var sink = LifeSink()
  /// The toolstack's store.
  private(set) var store: any Store
  private var xen: DomainInterface
  private var worker: LifeWorker
  private var profile = RuleProfile.linux
  /// The backend of the guest's vif; `nil` while there is none.
  private(set) var device: VifDevice?
  /// Who watches the backend of the guest's vif, each that there is.
  private var tap: (any NetbackTap)?
  /// What the other guest alone has.
  private(set) var base: WorldCounters
  private(set) var bystander: LifeBystander?

  init(_ seam: ScenarioSeam) {
    self.seam = seam
    store = machine.connect(.control).store
    xen = seam.xen(machine.connect(.control))
    worker = LifeWorker(NetbackWorker(xen: xen))
    base = machine.counters
  }

  /// Begins anew: the other guest is connected, the toolstack has made a vif for the guest.
  func restart(_ profile: RuleProfile) {
    (device, bystander, sink) = (nil, nil, LifeSink())
    machine.reset(seed: Self.seed)
    self.profile = profile
    store = machine.connect(.control).store
    xen = seam.xen(machine.connect(.control))
    worker = LifeWorker(NetbackWorker(xen: xen))
    machine.loop.add(worker)
    connectBystander()
    base = machine.counters
    create()
  }

  private func connectBystander() {
    let domain = DomainID(rawValue: 2)
    let path = VifPath(frontendDomain: domain, handle: VifHandle(rawValue: 0))
    let bystander = LifeBystander(path, xen: machine.connect(domain), loop: machine.loop)
    let directories = VifDirectories(path, store: store)
    try? directories.create()
    try? directories.reportHotplug()
    let plain = VifConfiguration(domain: domain, handle: path.handle)
    guard let device = try? VifDevice(configuration: plain, xen: xen, sink: bystander.sink) else {
      return
    }
    worker.netback.add(device)
    run()
    bystander.connect()
    run()
    self.bystander = bystander
  }

  // MARK: - The guest's domain

  /// The guest's half of the vif, of a domain that is there from now on.
  func makeGuest() -> LifeGuest {
    LifeGuest(path, xen: machine.connect(Self.guest), loop: machine.loop)
  }

  /// Ends the guest's domain.
  func destroyGuest() { machine.destroy(Self.guest) }

  /// What is done and held.
  var counters: WorldCounters { machine.counters }

  /// How far a ring page's requests are ahead of its answers; `nil` when it cannot be mapped.
  func lead(of page: UInt32) -> UInt32? {
    let other = machine.connect(.control).grants
    let grant = GrantReference(rawValue: page)
    guard let ring = try? other.map(grant, of: Self.guest, access: .readWrite) else { return nil }
    return ring.load(at: RingLayout.requestProducer) &- ring.load(at: RingLayout.responseProducer)
  }

  // MARK: - The toolstack

  /// Whether the backend's directory is there.
  var isOffered: Bool { value("frontend") != nil }

  /// A key of the backend's directory.
  func value(_ name: String) -> String? { store.value(path.backend + "/" + name) }

  /// Makes the directories, and a backend for them.
  func create() {
    try? VifDirectories(path, store: store).create()
    var configuration = VifConfiguration(
      domain: Self.guest, handle: path.handle, profile: profile, order: .completion, path: .map)
    seam.configure(&configuration)
    let offer = VifOffer(maximumQueues: Self.maximumQueues)
    device = try? VifDevice(
      configuration: configuration, offer: offer, xen: xen, sink: sink, tap: tap)
    guard let device else { return }
    worker.netback.add(device)
    sink.release = { [unowned device, unowned loop = machine.loop] in
      _ = device.vif.queues[Int($1)].tx.release(frame: $0, now: loop.now)
    }
  }

  /// Has somebody watch the guest's vif from now on, whatever backend it has, or nobody.
  func watch(with tap: (any NetbackTap)?) {
    self.tap = tap
    device?.vif.context.watch(with: tap)
  }

  /// Reports that the hotplug script is done.
  func plug() { try? VifDirectories(path, store: store).reportHotplug() }

  /// Asks the backend to close.
  func close() {
    let writes = [StoreWrite(path.backend + "/online", "0")]
    let state = StoreWrite(path.backend + "/state", "\(XenbusState.closing.rawValue)")
    _ = try? store.write(writes + [state], whileDevice: path.backend)
  }

  /// Removes both directories; the backend sees that, and its vif is forgotten.
  func remove() {
    try? store.remove(path.backend)
    try? store.remove(path.frontend)
    run()
    if let device { worker.netback.remove(device) }
    device = nil
  }

  // MARK: - Time

  /// Nanoseconds since some start.
  var now: UInt64 { machine.loop.now.nanoseconds }

  /// Steps that the backend has made.
  var steps: Int { worker.steps }

  /// Lets the backend come to rest, or time pass.
  func run(for nanoseconds: UInt64 = LifeWorld.pause, beside other: (any Worker)? = nil) {
    machine.loop.wake(worker)
    if let other { machine.loop.add(other) }
    _ = machine.loop.run(until: machine.loop.now.advanced(by: nanoseconds)) { false }
    if let other { machine.loop.remove(other) }
  }

  /// Hands the backend a frame for the guest.
  func send(_ frame: [UInt8], queue: Int) -> Bool {
    device?.send(
      frame.span.octets, offload: FrameOffload(), queue: queue, now: machine.loop.now) ?? false
  }
}

/// A backend whose steps are counted.
private final class LifeWorker: Worker {
  let netback: NetbackWorker
  private(set) var steps = 0

  init(_ netback: NetbackWorker) { self.netback = netback }

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    steps += 1
    return netback.step(now: now)
  }
}
