import Netback
import Netif
import Oracle
import XenInterface
import XenRing

/// The control queue of the netback, and the model beside it.
final class PlayedControl: PlayedQueue {
  var guest: PlayedGuest
  let queue: ControlQueue<PlayedRing>
  private var model: ControlModel
  private let world: PlayedVif

  /// Makes the queue, which is connected with `restart`.
  init(_ world: PlayedVif) {
    let pages = world.pages
    self.world = world
    model = ControlModel(queues: PlayedVif.queues) { pages.readable($0) }
    guest = PlayedGuest(.control, world.seam)
    guest.restart(at: 0)
    queue = ControlQueue(ring: PlayedVif.attach(guest.ring), context: world.context)
  }

  /// Connects another guest, or the same once more: what that has set stays.
  func restart(isSame: Bool) {
    let start = world.vif.start
    guest.restart(at: start)
    if isSame { model.reconnect(start: start) } else { model.restart(start: start) }
    queue.restart(on: PlayedVif.attach(guest.ring))
  }

  /// What the guest has set.
  var hash: ModelHash { model.hash }

  func write(_ words: SlotWords) {
    if guest.write(words) { model.write(ControlRequest(words: words)) }
  }

  func publish(beyond: UInt32) {
    guest.publish(beyond: beyond)
    model.claim(beyond: beyond)
  }

  /// Has all messages answered, by the netback and by the model, and compares.
  func run(now: UInt64, _ reach: inout ScenarioReach) throws(ScenarioFinding) {
    let isTold = try poll {
      let poll = queue.poll(now: PlayedVif.instant(now))
      return (poll.hasMore, poll.notification)
    }
    let answers = world.isCutOff ? [] : model.run()
    if model.isDisabled, !world.isCutOff {
      world.cutOffRule = "control/producer"
      reach.note(.controlProducer, isKept: false)
      world.told?.append("guest cut off by control/producer")
    }
    world.told? += StoryWords.told(answers)
    try world.checkCutOff()
    try guest.check(answers.count, isTold: isTold)
    for answer in answers { try guest.expect(answer.words) }
    guard world.context.hash.agrees(with: model.hash) else { throw .hash }
    reach.note(answers)
  }
}

extension HashState {
  fileprivate func agrees(with model: ModelHash) -> Bool {
    algorithm.rawValue == model.algorithm && types.rawValue == model.types
      && mapping == model.mapping && model.key.indices.allSatisfy { key[$0] == model.key[$0] }
  }
}
