import Netif
import TraceFormat
import XenRing

/// What comparing two turns takes beside them. Reused from turn to turn.
struct TurnComparison {
  private var ours = FacetChains()
  private var theirs = FacetChains()
  /// What operations of the recording and of the replay reached.
  var recordedReaches = ReachTable()
  var replayedReaches = ReachTable()

  /// Compares a turn with what the backend made of it.
  ///
  /// - Parameter slots: of the queue's TX ring.
  mutating func compare(_ turns: TurnPair, _ slots: GuestSlots, for judge: Judge) {
    ours.link(turns.recorded.entries, turns.mode)
    theirs.link(turns.seen.entries, turns.mode)
    var facets = ours.facets.union(theirs.facets)
    while let facet = facets.popFirst() { compare(facet, turns, slots, judge) }
    if turns.mode == .observed { compareCoverage(turns, for: judge) }
  }

  /// Compares the entries of one facet: those of one key with each other.
  private func compare(
    _ facet: Facet, _ turns: TurnPair, _ slots: GuestSlots, _ judge: Judge
  ) {
    var left = ours.first(of: facet)
    var right = theirs.first(of: facet)
    while let place = left, let other = right {
      guard turns.recorded.entries[place].key == turns.seen.entries[other].key else { break }
      judge.judge(place, other, turns, slots)
      left = ours.next(behind: place)
      right = theirs.next(behind: other)
    }
    if left != nil || right != nil {
      compareRest(ours.places(from: left), theirs.places(from: right), turns, slots, judge)
    }
  }

  /// Compares what does not stand in the same order on both sides, or on one side only.
  private func compareRest(
    _ left: [Int], _ right: [Int], _ turns: TurnPair, _ slots: GuestSlots, _ judge: Judge
  ) {
    var right = right
    for place in left {
      let entry = turns.recorded.entries[place]
      if let twin = right.firstIndex(where: { turns.seen.entries[$0].key == entry.key }) {
        judge.judge(place, right.remove(at: twin), turns, slots)
      } else {
        judge.note(.missing, entry.number, entry.event, nil, turns.queue)
      }
    }
    for place in right {
      judge.note(.unexpected, turns.end, nil, turns.seen.entries[place].event, turns.queue)
    }
  }
}
