import Netback
import Netif
import Oracle
import XenInterface
import XenRing

/// The TX queue of the netback, and the model beside it.
final class PlayedTx: PlayedQueue {
  var guest: PlayedGuest
  let queue: TxQueue<PlayedRing>
  private var model: TxModel
  private let world: PlayedVif
  private let frames: PlayedFrames

  /// Makes the queue, which is connected with `restart`.
  init(_ world: PlayedVif) {
    let (pages, way) = (world.pages, world.seam.way)
    self.world = world
    model = TxModel(
      profile: world.vif.profile, mapping: way.path.mapping { pages.mappable($0) },
      holds: way.holds
    ) { pages.readable($0) }
    frames = world.frames
    guest = PlayedGuest(.tx, world.seam)
    guest.restart(at: 0)
    queue = TxQueue(ring: PlayedVif.attach(guest.ring), context: world.context, queue: 0)
    frames.release = { [unowned queue] in
      _ = queue.release(frame: $0, now: MonotonicInstant(nanoseconds: 0))
    }
  }

  /// Connects another guest, or the same once more.
  func restart(isSame: Bool, credit: CreditScheduler, now: UInt64) {
    let start = world.vif.start
    guest.restart(at: start)
    frames.forget()
    if isSame { model.reconnect(start: start, now: now) } else { model.restart(start: start) }
    queue.restart(on: PlayedVif.attach(guest.ring), credit: credit)
  }

  /// When something is to be done that waits for credit.
  var alarm: UInt64? { model.alarm }

  func write(_ words: SlotWords) { if guest.write(words) { model.write(words) } }

  func publish(beyond: UInt32) {
    guest.publish(beyond: beyond)
    model.publish(beyond: beyond)
  }

  func limit(octets: UInt32, milliseconds: UInt64, now: UInt64) {
    queue.limit(
      bytes: UInt64(octets), microseconds: milliseconds * 1000, now: PlayedVif.instant(now))
    model.limit(bytes: UInt64(octets), milliseconds: milliseconds, now: now)
  }

  /// Has all done that can be done, by the netback and by the model, and compares.
  func run(now: UInt64, _ reach: inout ScenarioReach) throws(ScenarioFinding) {
    defer { frames.forget() }
    let before = world.pages.operations
    let isTold = try poll {
      let poll = queue.poll(now: PlayedVif.instant(now))
      return (poll.hasMore, poll.notification)
    }
    let isCutOff = world.isCutOff
    let outcome = isCutOff ? ModelOutcome() : model.run(now: now)
    if model.isDisabled, !isCutOff { world.cutOffRule = outcome.fatalRule?.rawValue }
    world.told? += StoryWords.told(outcome)
    world.answers? += outcome.answers
    try world.checkCutOff()
    try check(outcome.answers, isTold: isTold)
    if let place = frames.firstDifference(from: outcome.frames) { throw .frame(place) }
    let held = model.release()
    try world.checkMapped(atMost: held.count)
    let slots = outcome.answers.count + held.count
    try check(operations: world.pages.operations - before, ofSlots: slots)
    try letGo(held, now: now)
    reach.note(outcome)
  }

  /// Lets go of the frames that are held, and compares the answers to their slots.
  private func letGo(_ answers: [ModelAnswer], now: UInt64) throws(ScenarioFinding) {
    guard world.seam.way.holds else { return }
    var isTold = false
    for head in frames.takeHeld() {
      let told = queue.release(frame: head, now: PlayedVif.instant(now))
      if told == .required { isTold = true }
    }
    world.told? += StoryWords.told(answers)
    try check(answers, isTold: isTold)
  }

  private func check(_ answers: [ModelAnswer], isTold: Bool) throws(ScenarioFinding) {
    try guest.check(answers.reduce(0) { $0 + 1 + $1.nulls }, isTold: isTold)
    for answer in answers {
      try guest.expect(TxResponse(id: answer.id, status: answer.status).words)
      for _ in 0..<answer.nulls {
        try guest.expect(TxResponse(id: 0, status: .null).words, half: true)
      }
    }
  }

  private func check(operations: Int, ofSlots slots: Int) throws(ScenarioFinding) {
    let most = world.seam.way.path.operationsOfSlot * slots
    guard operations <= most else { throw .operations(.tx, most: most, got: operations) }
  }
}

extension ScenarioPath {
  /// What the model is told of it.
  fileprivate func mapping(_ page: @escaping TxModel.Pages) -> TxModel.Mapping? {
    switch self {
    case .copy: nil
    case .map: TxModel.Mapping(above: 0, page: page)
    case .mapLarge: TxModel.Mapping(above: 256, page: page)
    case .lazy: TxModel.Mapping(above: 0, isLate: true, page: page)
    }
  }
}
