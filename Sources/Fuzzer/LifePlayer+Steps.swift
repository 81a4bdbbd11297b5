import Oracle
import XenInterface

extension LifePlayer {
  /// Steps before which the backend looks, and after which it does what there is to do.
  func live(_ step: ScenarioStep) throws(ScenarioFinding) {
    try look()
    switch step {
    case .packets(let queue, let count, let held):
      send(held ? .held : .plain, Int(count), queue: Int(queue))
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

  /// What the backend sees if it looks now.
  var sight: XenbusSight {
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

  func write(_ key: ScenarioKey) throws(ScenarioFinding) {
    guest?.write(key)
    if key.name == .groups, key.place == 0 { isGroupKeyNew = true }
    if key.looks { try look() }
  }

  func claim(_ count: UInt32, of ring: ScenarioRing, queue: UInt8) {
    guard let guest, !traffic.wasAttached else { return }
    if guest.claim(count, of: ring, queue: queue) { traffic.spoil() }
  }

  func toolstack(_ act: ScenarioToolstack, looks: Bool) throws(ScenarioFinding) {
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

  func send(_ kind: LifePacket.Kind, _ count: Int, queue: Int) {
    guard let guest, queue < guest.count, !traffic.isSpoiled else { return }
    for _ in 0..<min(count, Self.packetLimit) {
      let packet = LifePacket(kind, traffic.nextNumber())
      if guest.send(packet, queue: queue) { traffic.add(packet, queue: queue) }
    }
    guest.publish(queue: queue)
  }

  func join(queue: Int) {
    guard joins < Self.addresses else { return }
    joins += 1
    send(.join, 1, queue: queue)
  }

  /// A frame is taken where there are rings and the guest wants it. In its page it takes the place of what is
  /// left free, too, as Linux has it.
  func deliver(queue: Int, group: Bool) throws(ScenarioFinding) {
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

  func storm(
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

  func die() {
    guard guest != nil else { return }
    world.destroyGuest()
    guest?.abandon()
    guest = nil
  }
}
