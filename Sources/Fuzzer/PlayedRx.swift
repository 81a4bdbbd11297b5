import Netback
import Netif
import Oracle
import XenInterface
import XenRing

/// The RX queue of the netback, and the model beside it.
final class PlayedRx: PlayedQueue {
  var guest: PlayedGuest
  let queue: RxQueue<PlayedRing>
  private var model: RxModel
  private let world: PlayedVif

  /// Makes the queue, which is connected with `restart`.
  init(_ world: PlayedVif) {
    self.world = world
    guest = PlayedGuest(.rx, world.seam)
    guest.restart(at: 0)
    queue = RxQueue(ring: PlayedVif.attach(guest.ring), context: world.context, queue: 0)
    let (pages, profile) = (world.pages, world.vif.profile)
    model = RxModel(queues: 1, start: 0, guest: world.vif.modelled) { octets, grant, offset in
      pages.expect(octets, in: grant, at: offset)?.answer(by: profile)
    }
  }

  /// Connects another guest, or the same once more.
  func restart() {
    guest.restart(at: world.vif.start)
    model.restart(start: world.vif.start, guest: world.vif.modelled)
    queue.restart(on: PlayedVif.attach(guest.ring))
  }

  func write(_ words: SlotWords) {
    if guest.write(words) { model.write(words, queue: 0) }
  }

  func publish(beyond: UInt32) {
    guest.publish(beyond: beyond)
    model.publish(queue: 0, beyond: beyond)
  }

  /// A frame comes: for this queue, or for the other.
  func give(
    _ frame: ScenarioFrame, hash: ModelHash, now: UInt64
  ) throws(ScenarioFinding) {
    let (octets, offload) = (frame.octets, frame.offload)
    guard let admitted = world.context.admit(octets.span.octets, offload) else { return }
    let wanted = hash.algorithm == 0 ? 0 : hash.queue(of: octets.span, queues: PlayedVif.queues)
    let chosen = world.queue(for: admitted)
    guard chosen == wanted else { throw .queue(wanted: wanted, got: chosen) }
    guard chosen == 0 else { return }
    _ = queue.enqueue(octets.span.octets, offload: admitted, now: PlayedVif.instant(now))
    if !world.isCutOff { model.give(octets, offload, hash, now: now) }
  }

  /// Has all done that can be done, by the netback and by the model, and compares.
  func run(now: UInt64, _ reach: inout ScenarioReach) throws(ScenarioFinding) {
    let before = world.pages.operations
    let isTold = try poll {
      let poll = queue.poll(now: PlayedVif.instant(now))
      return (poll.hasMore, poll.notification)
    }
    let answers = world.isCutOff ? [] : model.run(now: now)[0]
    world.told? += StoryWords.told(answers)
    try guest.check(answers.count, isTold: isTold)
    for answer in answers { try guest.expect(answer.words) }
    if let page = world.pages.firstDifference() { throw .page(page) }
    let operations = world.pages.operations - before
    guard operations <= answers.count else {
      throw .operations(.rx, most: answers.count, got: operations)
    }
    reach.note(answers, leaves: model.waiting)
  }
}

extension ScenarioVif {
  fileprivate var modelled: RxModel.Guest {
    var guest = RxModel.Guest()
    guest.takesUncutIPv4 = features.contains(.gsoTCPv4)
    guest.takesUncutIPv6 = features.contains(.gsoTCPv6)
    guest.notifies = features.contains(.rxNotify)
    guest.headroom = Int(headroom)
    return guest
  }
}

extension RxModel.Answer {
  fileprivate var words: SlotWords {
    switch self {
    case .data(let response, _): response.words
    case .extra(let extra): [extra.low, extra.high, 0, 0]
    }
  }
}

extension GrantStatus {
  /// What a slot is answered for which Xen said this: Linux writes Xen's number, where it is one that says
  /// that it failed.
  fileprivate func answer(by profile: RuleProfile) -> Int16 {
    profile == .linux && rawValue < 0 && self != .unwritten ? rawValue : NetifStatus.error.rawValue
  }
}
