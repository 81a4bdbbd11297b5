import Oracle
import SimulatedXen
import XenInterface

/// Plays a vif's life against our netback on a simulated machine, and holds it to the model of xenbus and to
/// what must always hold.
final class LifePlayer: StepPlayer {
  /// Packets of a step at most.
  static let packetLimit = 16
  /// Addresses that a guest may ask for.
  static let addresses = 64
  /// Octets before the data from which on a guest takes a frame for one that leaves its page: they count twice.
  static let headroomLimit: UInt32 = 2000

  let world: LifeWorld
  var guest: LifeGuest?
  var traffic = LifeTraffic()
  var vif: ScenarioVif
  var model: XenbusModel
  /// Whether the toolstack has asked the backend to close, and it has not yet.
  var isAsked = false
  var isGroupKeyNew = false
  var joins = 0
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
  func begin() {
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

  /// Lets the backend look, and compares.
  func look() throws(ScenarioFinding) {
    let before = model
    passDeadline()
    model.look(sight)
    reach.note(model)
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
