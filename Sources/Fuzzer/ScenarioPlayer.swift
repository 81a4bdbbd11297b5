import Netback
import Netif
import Oracle
import XenInterface
import XenRing

/// Plays a scenario against our netback, and holds it to the model of the rules and to what must always hold.
///
/// There is no Xen and no store: rings are plain words, pages are arrays. A step's work is done when the step
/// is, so that the same octets always give the same end.
public final class ScenarioPlayer: StepPlayer {
  /// Milliseconds that a scenario lasts at most: nothing stalls before.
  private static let longest: UInt64 = 50_000
  /// Alarms that a pause runs through at most.
  private static let mostAlarms = 64

  let world: PlayedVif
  let tx: PlayedTx
  let rx: PlayedRx
  let control: PlayedControl
  private var rate: (octets: UInt32, milliseconds: UInt64)?
  private(set) var now: UInt64 = 0
  /// Where it has been.
  public private(set) var reach = ScenarioReach()

  /// Plays a scenario to its end, or to the first finding.
  public static func failure(
    of scenario: Scenario, by way: ScenarioWay = ScenarioWay()
  ) -> ScenarioFailure? {
    failure(of: scenario, ScenarioSeam(way))
  }

  /// The same, against a netback with a fault.
  package static func failure(of scenario: Scenario, _ seam: ScenarioSeam) -> ScenarioFailure? {
    player(for: scenario, seam).failure(of: scenario)
  }

  /// Who plays it.
  static func player(for scenario: Scenario, _ seam: ScenarioSeam) -> any StepPlayer {
    switch scenario.vif.stage {
    case .rings: ScenarioPlayer(scenario.vif, seam)
    case .xenbus: LifePlayer(scenario.vif, seam)
    }
  }

  /// Connects a vif.
  public convenience init(_ vif: ScenarioVif, by way: ScenarioWay = ScenarioWay()) {
    self.init(vif, ScenarioSeam(way))
  }

  /// The same, with a netback that has a fault.
  package init(_ vif: ScenarioVif, _ seam: ScenarioSeam) {
    world = PlayedVif(vif, seam)
    tx = PlayedTx(world)
    rx = PlayedRx(world)
    control = PlayedControl(world)
    restart(vif)
  }

  /// Lets another guest take the place of this one, in a world that is as it was at first.
  ///
  /// - Precondition: the same profile.
  public func restart(_ vif: ScenarioVif) {
    world.restart(vif)
    (rate, now, reach) = (nil, 0, ScenarioReach())
    connect(isSame: false)
  }

  var told: [String]? {
    get { world.told }
    set { world.told = newValue }
  }

  /// Does a step, and what the backend has to do for it.
  ///
  /// - Throws: what the backend did that it must not.
  public func play(_ step: ScenarioStep) throws(ScenarioFinding) {
    try take(step)
    try world.checkMapped(atMost: 0)
  }

  private func take(_ step: ScenarioStep) throws(ScenarioFinding) {
    switch step {
    case .send(let slot): tx.write(slot.words(id: tx.guest.nextID))
    case .extra(let extra): tx.write(extra.words)
    case .offer(let grant): rx.write([UInt32(rx.guest.nextID), grant.reference, 0, 0])
    case .message(let message): control.write(message.words(id: control.guest.nextID))
    case .raw(let ring, let words): self[ring].write(words.words)
    case .flip(let ring, let back, let word, let value):
      self[ring].guest.flip(back: back, word: word, to: value)
    case .publish(let ring, let beyond, let tells): try publish(ring, beyond, tells: tells)
    case .listen(let ring, let ahead): self[ring].guest.listen(ahead)
    case .frame(let frame):
      try rx.give(frame, hash: control.hash, now: now)
      try rx.run(now: now, &reach)
    case .pass(let milliseconds): try pass(UInt64(milliseconds))
    case .grant(let page, let access): world.pages.allow(page, access)
    case .refuse(let page, let status): world.pages.refuse(page, status)
    case .fill(let page, let offset, let length, let octet):
      let octets = [4096 of UInt8](repeating: octet)
      let count = min(Int(length), octets.count)
      world.pages.write(page, at: Int(offset), octets.span.octets.extracting(first: count))
    case .word(let page, let place, let value):
      let octets = [4 of UInt8] { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
      world.pages.write(page, at: 4 * Int(place), octets.span.octets)
    case .rate(let octets, let milliseconds): try limit(octets, UInt64(milliseconds) + 1)
    case .reconnect: reconnect()
    case .lie(let ahead, let status): world.pages.lie(ahead: ahead, status)
    case .key, .rings, .ahead, .toolstack, .packets, .join, .deliver, .release, .storm, .die: break
    }
  }

  /// Nothing is held when the last step is done.
  func finish() {}
}

// MARK: - Rings

extension ScenarioPlayer {
  private subscript(ring: ScenarioRing) -> any PlayedQueue {
    switch ring {
    case .tx: tx
    case .rx: rx
    case .control: control
    }
  }

  /// A guest that is held back by its rate claims only what it has written: whether a backend has fetched a
  /// slot that waits is nobody's business.
  private func publish(
    _ ring: ScenarioRing, _ beyond: UInt32, tells: Bool
  ) throws(ScenarioFinding) {
    self[ring].publish(beyond: ring == .tx && rate != nil ? 0 : beyond)
    if tells { try self[ring].run(now: now, &reach) }
  }
}

// MARK: - Time, and the connection

extension ScenarioPlayer {
  private static func credit(
    _ rate: (octets: UInt32, milliseconds: UInt64)?, now: UInt64
  ) -> CreditScheduler {
    CreditScheduler(
      bytes: rate.map { UInt64($0.octets) } ?? .max, microseconds: (rate?.milliseconds ?? 0) * 1000,
      now: PlayedVif.instant(now))
  }

  private func pass(_ milliseconds: UInt64) throws(ScenarioFinding) {
    let end = min(now + milliseconds, Self.longest)
    for _ in 0..<Self.mostAlarms {
      guard let alarm = tx.alarm, alarm <= end else { break }
      now = max(now, alarm)
      try tx.run(now: now, &reach)
    }
    now = max(now, end)
    if let alarm = tx.alarm, alarm <= now { try tx.run(now: now, &reach) }
    try rx.run(now: now, &reach)
  }

  private func limit(_ octets: UInt32, _ milliseconds: UInt64) throws(ScenarioFinding) {
    if rate == nil { tx.publish(beyond: 0) }
    rate = (octets, milliseconds)
    tx.limit(octets: octets, milliseconds: milliseconds, now: now)
    try tx.run(now: now, &reach)
  }

  private func reconnect() {
    world.context.forgetAddresses()
    connect(isSame: true)
    if let rate { tx.limit(octets: rate.octets, milliseconds: rate.milliseconds, now: now) }
  }

  private func connect(isSame: Bool) {
    tx.restart(isSame: isSame, credit: Self.credit(rate, now: now), now: now)
    rx.restart()
    control.restart(isSame: isSame)
  }
}

extension ScenarioSlot {
  fileprivate func words(id: UInt16) -> SlotWords {
    [grant.reference, UInt32(offset) | UInt32(flags) << 16, UInt32(id) | UInt32(size) << 16, 0]
  }
}

extension ScenarioMessage {
  fileprivate func words(id: UInt16) -> SlotWords {
    [UInt32(id) | UInt32(type) << 16, data0, data1, data2]
  }
}
