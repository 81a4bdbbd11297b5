import Netif
import TraceFormat
import XenRing

/// What comparing two turns takes beside them. Reused from turn to turn.
struct TurnComparison {
  private var ours = FacetChains()
  private var theirs = FacetChains()
  var tally = ComparedTally()
  private var known = KnownPrefixes()
  /// What operations of the recording and of the replay reached.
  var recordedReaches = ReachTable()
  var replayedReaches = ReachTable()

  /// Compares a turn with what the backend made of it.
  ///
  /// - Parameter slots: of the queue's TX ring.
  mutating func compare(_ turns: TurnPair, _ slots: GuestSlots, for judge: Judge) {
    tally = ComparedTally()
    if turns.mode == .observed { known.fill(turns.seen, slots) }
    ours.link(turns.recorded.entries, turns.mode)
    theirs.link(turns.seen.entries, turns.mode)
    var facets = ours.facets.union(theirs.facets)
    // Two ways of coming at the data make different operations that reach the same.
    let isMapped = facets.contains(.map)
    if isMapped { facets = facets.withoutOperations }
    if turns.cutsUnevenly { facets = facets.withoutMemory }
    while let facet = facets.popFirst() { compare(facet, turns, slots, judge) }
    if isMapped || turns.mode == .observed { compareCoverage(turns, for: judge) }
    judge.ledger.compared += tally
  }

  /// Compares the entries of one facet: those of one key with each other.
  private mutating func compare(
    _ facet: Facet, _ turns: TurnPair, _ slots: GuestSlots, _ judge: Judge
  ) {
    var left = ours.first(of: facet)
    var right = theirs.first(of: facet)
    while let place = left, let other = right {
      guard turns.recorded.entries[place].key == turns.seen.entries[other].key else { break }
      compare(place, other, turns, slots, judge)
      left = ours.next(behind: place)
      right = theirs.next(behind: other)
    }
    if left != nil || right != nil {
      compareRest(ours.places(from: left), theirs.places(from: right), turns, slots, judge)
    }
  }

  /// Compares two entries, by their places in the turns.
  private mutating func compare(
    _ place: Int, _ other: Int, _ turns: TurnPair, _ slots: GuestSlots, _ judge: Judge
  ) {
    let (ours, theirs) = (turns.recorded.entries[place], turns.seen.entries[other])
    guard turns.agree(ours.event.body, theirs.event.body) else {
      return judge.note(.differs, ours.number, ours.event, theirs.event, turns.queue)
    }
    let limit = comparedOctets(ours, theirs, turns, slots)
    if !ours.payload.isEmpty, let octet = turns.firstDifference(ours, theirs, limit: limit) {
      return judge.note(.octets(octet), ours.number, ours.event, theirs.event, turns.queue)
    }
    tally.matched += 1
  }

  /// How many octets of an event may be compared; those of frames are counted.
  private mutating func comparedOctets(
    _ ours: Turn.Entry, _ theirs: Turn.Entry, _ turns: TurnPair, _ slots: GuestSlots
  ) -> Int {
    guard case .delivered(_, let request) = theirs.event.body else { return .max }
    let limit = turns.mode == .observed ? known.octets(of: request) : .max
    tally.frames += 1
    tally.octets += UInt64(min(limit, ours.payload.count))
    return limit
  }

  /// Compares what does not stand in the same order on both sides, or on one side only.
  private mutating func compareRest(
    _ left: [Int], _ right: [Int], _ turns: TurnPair, _ slots: GuestSlots, _ judge: Judge
  ) {
    var right = right
    for place in left {
      let entry = turns.recorded.entries[place]
      if let twin = right.firstIndex(where: { turns.seen.entries[$0].key == entry.key }) {
        compare(place, right.remove(at: twin), turns, slots, judge)
      } else {
        judge.note(.missing, entry.number, entry.event, nil, turns.queue)
      }
    }
    for place in right {
      judge.note(.unexpected, turns.end, nil, turns.seen.entries[place].event, turns.queue)
    }
  }
}
