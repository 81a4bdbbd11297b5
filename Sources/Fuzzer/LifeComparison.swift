import Netif
import Oracle
import SimulatedXen

/// A backend that has come to rest, beside what the model says.
struct LifeComparison {
  /// Nanoseconds that a port may stay silent after events for nothing.
  private static let patience: UInt64 = 1_100_000_000

  let world: LifeWorld
  let guest: LifeGuest?
  let model: XenbusModel
  /// Whether the toolstack's word stands in the backend's state.
  let isAsked: Bool

  /// Compares all there is.
  func check(
    _ traffic: inout LifeTraffic, _ reach: inout ScenarioReach
  ) throws(ScenarioFinding) {
    do throws(LifeFault) {
      try checkStore()
      try checkHeld(traffic)
      try checkTraffic(&traffic, &reach)
      guard world.bystander?.isServed() == true else { throw LifeFault.bystander }
    } catch { throw .xenbus(error) }
  }

  private func checkStore() throws(LifeFault) {
    guard world.isOffered else { return }
    let wanted = "\((isAsked ? .closing : model.state).rawValue)"
    let got = world.value("state") ?? "nothing"
    guard wanted == got else { throw .state(wanted: wanted, got: got) }
    let hasError = world.value("error") != nil
    guard hasError == model.hasFailed else { throw .error(wanted: model.hasFailed) }
  }

  private func checkHeld(_ traffic: LifeTraffic) throws(LifeFault) {
    let counters = world.counters
    let pages = world.base.mappedPages + model.mappedPages + traffic.heldFrames
    guard pages == counters.mappedPages else {
      throw .mapped(wanted: pages, got: counters.mappedPages)
    }
    let ports = world.base.openPorts + model.ports.count + (guest?.ports.count ?? 0)
    guard ports == counters.openPorts else {
      throw .ports(wanted: ports, got: counters.openPorts)
    }
  }

  private func checkTraffic(
    _ traffic: inout LifeTraffic, _ reach: inout ScenarioReach
  ) throws(LifeFault) {
    guard traffic.isServed, let guest else { return world.sink.forget() }
    let isDue = traffic.isDue
    var got = (0..<guest.count).map { Got(guest, queue: $0) }
    if got.indices.contains(where: { !got[$0].isAll(of: traffic, queue: $0) }) {
      world.run(for: Self.patience)
      for place in got.indices { got[place].add(Got(guest, queue: place)) }
    }
    for (place, got) in got.enumerated() {
      if let fault = traffic.check(place, answers: got.answers, frames: got.frames) { throw fault }
    }
    if let fault = traffic.check(came: world.sink.take()) { throw fault }
    let events = guest.takeEvents()
    guard events == 0 || isDue else { throw .events }
    if isDue { reach.noteDelivery() }
  }
}

/// What a queue of the guest's got.
private struct Got {
  var answers: Int
  var frames: [[UInt8]]

  /// Answers that are no success count for nothing.
  init(_ guest: LifeGuest, queue: Int) {
    answers = guest.answers(queue: queue)?.count { $0 == .okay } ?? 0
    frames = guest.frames(queue: queue) ?? []
  }

  func isAll(of traffic: LifeTraffic, queue: Int) -> Bool {
    traffic.isDone(queue, answers: answers, frames: frames.count)
  }

  mutating func add(_ other: Got) {
    answers += other.answers
    frames += other.frames
  }
}
