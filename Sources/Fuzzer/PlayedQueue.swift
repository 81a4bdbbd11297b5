import XenRing

/// A queue of the netback, the guest's half of its ring, and the model beside it.
protocol PlayedQueue: AnyObject {
  /// What the guest knows of the ring.
  var guest: PlayedGuest { get set }

  /// Writes the next slot, if there is room, for both.
  func write(_ words: SlotWords)
  /// Says that there are requests up to what was written, and `beyond` more, to both.
  func publish(beyond: UInt32)
  /// Has all done that can be done, by the netback and by the model, and compares.
  func run(now: UInt64, _ reach: inout ScenarioReach) throws(ScenarioFinding)
}

extension PlayedQueue {
  /// Polls until there is no more to do.
  ///
  /// - Returns: whether the guest was told of answers.
  func poll(
    _ once: () -> (hasMore: Bool, notification: PeerNotification)
  ) throws(ScenarioFinding) -> Bool {
    var isTold = false
    // Each takes a slot at least, but the last.
    for _ in 0..<guest.ring.capacity + 2 {
      let poll = once()
      if poll.notification == .required { isTold = true }
      if !poll.hasMore { return isTold }
    }
    throw .endless(guest.kind)
  }
}
