import Synchronization
public import XenRing

/// Where holders of frames say, on any thread, that they are done with them; the queue's worker takes
/// it out. No lock: a holder takes a ticket and writes one word.
///
/// It outlives the queue: what is posted to a closed one is not lost on anybody.
public final class ReleaseMailbox: Sendable {
  /// What became of a post.
  public enum Receipt: Sendable {
    case taken
    /// As many wait as it holds; the holder keeps its frame and tries again.
    case full
    /// The queue is gone, and nobody waits for the frame.
    case closed
  }

  /// Posts that it can hold: all slots of a ring.
  public static let places = 256

  private let capacity: Int
  private let wake: (@Sendable () -> Void)?
  /// A word per place: the round in which it was written, and a head.
  private let words = InlineArray<256, Atomic<UInt64>> { _ in Atomic(0) }
  private let tickets = Atomic<Int>(0)
  private let taken = Atomic<Int>(0)
  private let isClosed = Atomic<Bool>(false)

  /// Makes an empty mailbox.
  ///
  /// - Parameters:
  ///   - capacity: posts that may wait, `places` at most.
  ///   - wake: has the worker look here soon; called after each post, on the thread that posts.
  public init(capacity: Int = ReleaseMailbox.places, wake: (@Sendable () -> Void)? = nil) {
    self.capacity = min(capacity, Self.places)
    self.wake = wake
  }

  /// Posts the head of a frame whose holder is done with it. From any thread.
  public func post(_ head: RingIndex) -> Receipt {
    guard !isClosed.load(ordering: .acquiring) else { return .closed }
    var ticket = tickets.load(ordering: .relaxed)
    while true {
      guard ticket - taken.load(ordering: .acquiring) < capacity else { return .full }
      let (won, seen) = tickets.weakCompareExchange(
        expected: ticket, desired: ticket + 1, ordering: .relaxed)
      if won { break }
      ticket = seen
    }
    // The place is this ticket's alone until the worker has taken it out.
    words[ticket % Self.places].store(word(ticket, head), ordering: .releasing)
    wake?()
    return .taken
  }

  /// Takes out what was posted, in the order of the posts. One thread at a time.
  public func drain(_ body: (RingIndex) -> Void) {
    while true {
      let ticket = taken.load(ordering: .relaxed)
      let found = words[ticket % Self.places].load(ordering: .acquiring)
      let head = RingIndex(rawValue: UInt32(truncatingIfNeeded: found))
      // Not written yet, or not in this round.
      guard found == word(ticket, head) else { return }
      taken.store(ticket + 1, ordering: .releasing)
      body(head)
    }
  }

  /// Nobody will take anything out any more.
  public func close() { isClosed.store(true, ordering: .releasing) }

  /// The first round is 1: an unwritten word is none of any round.
  private func word(_ ticket: Int, _ head: RingIndex) -> UInt64 {
    UInt64(truncatingIfNeeded: ticket / Self.places + 1) << 32 | UInt64(head.rawValue)
  }
}
