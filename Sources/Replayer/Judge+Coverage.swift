import TraceFormat
import XenInterface
import XenRing

// What was read of a page, or written to it, whether by copies or through a mapping.

/// Octets of one page that operations reached, and how the worst of them ended.
struct Reach {
  /// Octets that copies reached, or a mapping showed; empty when there is none.
  struct Extent: Equatable {
    var start: UInt32 = .max
    var end: UInt32 = 0

    mutating func add(_ operand: TraceEvent.GrantOperand) {
      guard operand.length > 0 else { return }
      start = min(start, UInt32(operand.offset))
      end = max(end, UInt32(operand.offset) + UInt32(operand.length))
    }

    func contains(_ operand: TraceEvent.GrantOperand) -> Bool {
      start <= UInt32(operand.offset)
        && UInt32(operand.offset) + UInt32(operand.length) <= end
    }
  }

  let grant: GrantReference
  var copied = Extent()
  var mapped = Extent()
  var copies: UInt64 = 0
  var maps: UInt64 = 0
  var failed = false
  /// The place of the first operation in its turn.
  var first: Int?

  init(grant: GrantReference) { self.grant = grant }

  mutating func add(_ operand: TraceEvent.GrantOperand?, at place: Int, ok: Bool) {
    first = first ?? place
    failed = failed || !ok
    guard let operand else { return maps += 1 }
    copies += 1
    copied.add(operand)
  }

  /// What a mapping showed: its octets are what no copy brought.
  mutating func show(_ operand: TraceEvent.GrantOperand) {
    if !copied.contains(operand) { mapped.add(operand) }
  }

  /// All that was reached.
  private var all: Extent {
    guard maps > 0 else { return copied }
    return Extent(start: min(copied.start, mapped.start), end: max(copied.end, mapped.end))
  }

  /// Whether another backend, which may copy what this one maps or map what it copies, reached what
  /// this one did.
  ///
  /// Where several slots of a turn name one page, or the snap length cut what a mapping showed,
  /// not every octet is accounted for; nor is what a map that failed was for.
  func agrees(with other: Reach) -> Bool {
    guard failed == other.failed else { return false }
    if failed, other.maps > 0 { return true }
    if maps == 0 { return all == other.all }
    guard maps == 1, copies <= 1, mapped.end > 0 else { return other.all.end >= copied.end }
    return all == other.all && (copies == 0 || copied.end == mapped.start)
  }
}

/// What was reached of each page in a turn, in the order of the first operations. Reused from turn to
/// turn.
struct ReachTable {
  private var places = GrantIndex()
  private(set) var reaches: [Reach] = []

  /// Takes the operations of another turn.
  mutating func fill(_ entries: Span<Turn.Entry>) {
    places.removeAll()
    reaches.removeAll(keepingCapacity: true)
    for number in entries.indices {
      switch entries[number].event.body {
      case .grantCopy(let operand, _, let status):
        reaches[place(of: operand.grant)].add(operand, at: number, ok: status == .okay)
      case .grantMap(let grant, _, _, let status):
        reaches[place(of: grant)].add(nil, at: number, ok: status == .okay)
      case .memory(let operand): reaches[place(of: operand.grant)].show(operand)
      default: break
      }
    }
  }

  /// What was reached of one page.
  subscript(grant: GrantReference) -> Reach? { places[grant].map { reaches[$0] } }

  private mutating func place(of grant: GrantReference) -> Int {
    // What memory held stands right behind the copy that saw it.
    if let last = reaches.last, last.grant == grant { return reaches.count - 1 }
    if let place = places[grant] { return place }
    places.set(grant, reaches.count)
    reaches.append(Reach(grant: grant))
    return reaches.count - 1
  }
}

extension TurnComparison {
  /// Compares which octets of which page were reached: the octets of each slot must agree, not the
  /// operations that moved them.
  mutating func compareCoverage(_ turns: TurnPair, for judge: Judge) {
    recordedReaches.fill(turns.recorded.entries)
    replayedReaches.fill(turns.seen.entries)
    for reach in recordedReaches.reaches {
      guard let first = reach.first else { continue }
      let twin = replayedReaches[reach.grant]
      if let twin, reach.agrees(with: twin) {
        tally.matched += reach.copies + reach.maps
      } else {
        let entry = turns.recorded.entries[first]
        judge.note(
          .differs, entry.number, entry.event, turns.seen.event(at: twin?.first), turns.queue)
      }
    }
    for reach in replayedReaches.reaches where recordedReaches[reach.grant] == nil {
      judge.note(
        .unexpected, turns.end, nil, turns.seen.event(at: reach.first), turns.queue)
    }
  }
}
