import Oracle
import SimulatedXen
import XenInterface

/// Plays a vif's life against our netback on a simulated machine, and holds it to the model of xenbus and to
/// what must always hold.
final class LifePlayer: StepPlayer {
  /// Packets of a step at most.
  static let packetLimit = 16
  /// Addresses that a guest may ask for.
  private static let addresses = 64
  /// Octets before the data from which on a frame takes more than a page.
  private static let headroomLimit: UInt32 = 4000

  let world: LifeWorld
  private(set) var guest: LifeGuest?
  private(set) var traffic = LifeTraffic()
  private var vif: ScenarioVif
  private var model: XenbusModel
  /// Whether the toolstack has asked the backend to close, and it has not yet.
  private var isAsked = false
  private var isGroupKeyNew = false
  private var joins = 0
  private(set) var reach = ScenarioReach()
  var told: [String]?

  init(_ vif: ScenarioVif, _ seam: ScenarioSeam) {
    self.vif = vif
    world = LifeWorld(seam)
    model = XenbusModel(maximumQueues: LifeWorld.maximumQueues)
    restart(vif)
  }

  func restart(_ vif: ScenarioVif) {
    self.vif = vif
    guest = nil
    world.restart(vif.profile)
    guest = world.makeGuest()
    (reach, traffic) = (ScenarioReach(), LifeTraffic())
    begin()
  }

  /// A backend that has just been made looks for the first time.
  private func begin() {
    model = XenbusModel(maximumQueues: LifeWorld.maximumQueues)
    (isAsked, isGroupKeyNew, joins) = (false, false, 0)
  }

  func play(_ step: ScenarioStep) throws(ScenarioFinding) {
    switch step {
    case .key(let key): try write(key)
    case .toolstack(let act, let looks): try toolstack(act, looks: looks)
    case .rings(let rings):
      guest?.makeRings(rings, vif)
      traffic.restart(queues: guest?.count ?? 0)
    case .ahead(let ring, let queue, let count): claim(count, of: ring, queue: queue)
    default: try live(step)
    }
  }

  /// Steps before which the backend looks, and after which it does what there is to do.
  private func live(_ step: ScenarioStep) throws(ScenarioFinding) {
    try look()
    switch step {
    case .packets(let queue, let count, let held):
      send(.init(held ? .held : .plain, 0), Int(count), queue: Int(queue))
    case .join(let queue): join(queue: Int(queue))
    case .deliver(let queue, let group): try deliver(queue: Int(queue), group: group)
    case .release:
      traffic.release()
      world.sink.releaseHeld()
    case .storm(let ring, let queue, let events): try storm(ring, queue: queue, Int(events))
    case .pass(let milliseconds): world.run(for: UInt64(milliseconds) * 1_000_000)
    case .die: die()
    default: break
    }
    try look()
  }

  /// Lets the backend look, and compares.
  private func look() throws(ScenarioFinding) {
    let before = model
    passDeadline()
    model.look(sight)
    isGroupKeyNew = false
    if model.state == .closed { isAsked = false }
    traffic.follow(before, model, isHonest: { guest?.isHonest ?? false })
    if model.queues == 0 { joins = 0 }
    world.sink.holds = traffic.isServed
    world.bystander?.send()
    world.run()
    tell(before)
    try LifeComparison(world: world, guest: guest, model: model, isAsked: isAsked)
      .check(&traffic, &reach)
  }

  /// Close to it, it is anybody's guess whether the backend has let go by now.
  private func passDeadline() {
    guard let deadline = model.deadline else { return }
    let isClose = world.now + 2 * LifeWorld.pause > deadline
    if isClose, world.now < deadline + 2 * LifeWorld.pause { world.run(for: 4 * LifeWorld.pause) }
  }

  private func tell(_ before: XenbusModel) {
    guard told != nil else { return }
    let (then, now) = (Self.words(before), Self.words(model))
    if then != now { told?.append(now) }
  }

  private static func words(_ model: XenbusModel) -> String {
    let queues = model.queues == 0 ? "" : ", queues \(model.queues), pages \(model.mappedPages)"
    return "backend \(model.state)\(queues)\(model.hasFailed ? ", has told an error" : "")"
  }

  /// The toolstack takes the vif away, and the guest lets go of all: nothing is left.
  func finish() throws(ScenarioFinding) {
    world.sink.releaseHeld()
    world.remove()
    guest?.abandon()
    guest = nil
    world.run()
    for (what, had, has) in [
      ("a mapping", world.base.mappedPages, world.counters.mappedPages),
      ("a grant", world.base.grantedPages, world.counters.grantedPages),
      ("a port", world.base.openPorts, world.counters.openPorts),
      ("a watch", world.base.watches, world.counters.watches),
    ] where had != has {
      throw .xenbus(.left(what))
    }
  }
}

// MARK: - Steps

extension LifePlayer {
  private var sight: XenbusSight {
    let guest = guest
    let ports = guest?.ports ?? []
    var sight = XenbusSight(
      key: { guest?.value($0) }, lead: { [world] in world.lead(of: $0) },
      isOpen: { ports.contains($0) })
    sight.isOffered = world.isOffered
    sight.isAskedToClose = isAsked
    sight.isOffline = world.value("online") == "0"
    sight.isPlugged = world.value("hotplug-status") == "connected"
    sight.isGroupKeyNew = isGroupKeyNew
    sight.heldFrames = traffic.heldCount
    sight.now = world.now
    return sight
  }

  private func write(_ key: ScenarioKey) throws(ScenarioFinding) {
    guest?.write(key)
    if key.name == .groups, key.place == 0 { isGroupKeyNew = true }
    if key.looks { try look() }
  }

  private func claim(_ count: UInt32, of ring: ScenarioRing, queue: UInt8) {
    guard let guest, !traffic.wasAttached else { return }
    if guest.claim(count, of: ring, queue: queue) { traffic.spoil() }
  }

  private func toolstack(_ act: ScenarioToolstack, looks: Bool) throws(ScenarioFinding) {
    switch act {
    case .plug where world.isOffered: world.plug()
    case .close where world.isOffered:
      isAsked = true
      world.close()
    case .remove where world.isOffered:
      world.remove()
      traffic.detach()
      return try look()
    case .create where !world.isOffered:
      if guest == nil { guest = world.makeGuest() }
      world.create()
      begin()
      traffic.restart(queues: guest?.count ?? 0)
      return try look()
    default: break
    }
    if looks { try look() }
  }

  private func send(_ packet: LifePacket, _ count: Int, queue: Int) {
    guard let guest, queue < guest.count else { return }
    for _ in 0..<min(count, Self.packetLimit) {
      let packet = LifePacket(packet.kind, traffic.nextNumber())
      if guest.send(packet, queue: queue) { traffic.add(packet, queue: queue) }
    }
    guest.publish(queue: queue)
  }

  private func join(queue: Int) {
    guard joins < Self.addresses else { return }
    joins += 1
    send(LifePacket(.join, 0), 1, queue: queue)
  }

  /// A frame is taken where there are rings and the guest wants it. In its page it takes the place of what is
  /// left free, too, as Linux has it.
  private func deliver(queue: Int, group: Bool) throws(ScenarioFinding) {
    guard !model.isLeaving, traffic.isServed || model.queues == 0,
      model.headroom < Self.headroomLimit
    else { return }
    let frame = LifePacket.frame(traffic.nextNumber(), group: group)
    let isWanted = model.queues > 0 && (!group || !model.filtersGroups || traffic.hasJoined)
    let isTaken = world.send(frame, queue: queue)
    guard isTaken == isWanted else { throw .xenbus(.taken(wanted: isWanted)) }
    let free = [UInt8](repeating: 0, count: Int(model.headroom))
    if isTaken { traffic.expect(frame + free, queue: queue % model.queues) }
  }

  private func storm(
    _ ring: ScenarioRing, queue: UInt8, _ events: Int
  ) throws(ScenarioFinding) {
    guard let guest else { return }
    let before = world.steps
    let storm = LifeStorm { guest.notify(ring, queue: queue) }
    world.run(for: UInt64(events) * LifeStorm.interval, beside: storm)
    let steps = world.steps - before
    guard steps <= LifeStorm.steps else {
      throw .xenbus(.busy(most: LifeStorm.steps, got: steps))
    }
  }

  private func die() {
    guard guest != nil else { return }
    world.destroyGuest()
    guest?.abandon()
    guest = nil
  }
}

/// Sends events for nothing, all the time.
private final class LifeStorm: Worker {
  /// Nanoseconds between two of them.
  static let interval: UInt64 = 500_000
  /// Steps of a backend that waits twice as long each time, with some to spare.
  static let steps = 64

  private let notify: () -> Void

  init(_ notify: @escaping () -> Void) { self.notify = notify }

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    notify()
    return now.advanced(by: Self.interval)
  }
}
