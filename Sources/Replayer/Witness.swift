import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

/// Watches the replayed backend of a vif, whose tap calls it while a queue runs.
///
/// It is an object of its own, apart from the queues' state: that is in use while the backend runs.
final class Witness: TraceReceiver {
  /// What is still to be answered in a poll under way, and whom to have it answered by.
  struct Releases {
    /// In ring order.
    var wanted: [RingIndex]
    var queue: VifQueue
    var time: MonotonicInstant
  }

  private let ledger: ReplayLedger
  private var queue: UInt16 = 0
  private var turn = Turn()
  private var kept = 0
  private var releases: Releases?
  private var cutOffs: CutOffWatch
  /// Called when the backend has taken a control message and is about to do it.
  var prepareMessage: ((RingIndex) -> Void)?

  /// - Parameter rules: those that the backend follows.
  init(ledger: ReplayLedger, rules: TxRules) {
    self.ledger = ledger
    cutOffs = CutOffWatch(rules)
  }

  /// Gathers what a queue does from here on.
  ///
  /// - Parameter kept: octets of each payload that are kept: no more are compared than were recorded.
  func begin(queue: UInt16, keeping kept: Int, settling releases: Releases? = nil) {
    self.queue = queue
    self.kept = kept
    self.releases = releases
    turn.removeAll()
  }

  /// Hands over what the queue did since, in exchange for a turn that is done with.
  func end(_ seen: inout Turn) {
    releases = nil
    swap(&turn, &seen)
  }

  /// See `TraceReceiver`.
  func receive(_ event: TraceEvent, payload: RawSpan) {
    if event.queue == queue { turn.append(event, payload.extracting(first: kept)) }
    if case .slot(.control, let index, _) = event.body { prepareMessage?(index) }
    if let cutOff = cutOffs.take(event) { ledger.note(cutOff) }
  }

  /// Puts the recorded releases between the answers of the poll that is under way.
  func settle(queue: UInt16, _ answers: Span<TxAnswer>) {
    guard queue == self.queue, let releases else { return }
    ledger.orderJudged += UInt64(answers.count)
    let wanted = releases.wanted
    var later = 0
    for position in wanted.indices {
      // The next answer that the poll decided itself, here or behind.
      later = max(later, position)
      while later < wanted.count, !answers.holdsAnswer(to: wanted[later]) { later += 1 }
      guard later != position else { continue }
      let before = later < wanted.count ? wanted[later] : nil
      if releases.queue.tx.release(slot: wanted[position], before: before, now: releases.time) {
        ledger.orderFollowed += 1
      }
    }
  }
}

extension Span<TxAnswer> {
  /// Whether one of the answers is to this request.
  fileprivate func holdsAnswer(to request: RingIndex) -> Bool {
    for place in indices where self[place].request == request { return true }
    return false
  }
}
