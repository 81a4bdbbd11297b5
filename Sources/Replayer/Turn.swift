import TraceFormat
import XenInterface
import XenRing

/// Events, and their octets in one buffer.
struct Turn {
  /// An event with what is known of it.
  struct Entry {
    var event: TraceEvent
    /// The place of the slot whose page a grant event of the replay is about.
    var place: Int?
    /// Its number in the trace; for a replayed one, not used.
    var number: UInt64
    var payload: Range<Int>
  }

  /// Events of a turn beyond which a trace is not one of a ring.
  static let limit = 1 << 16
  /// Octets of a turn beyond which a trace is not one of a ring: two full rings of pages.
  static let octetLimit = 4 << 20

  private(set) var entries: [Entry] = []
  private var octets: [UInt8] = []

  /// Octets of the longest payload.
  private(set) var longestPayload = 0

  var isEmpty: Bool { entries.isEmpty }
  /// Whether it has grown beyond what a ring can bring in one turn.
  var isOverfull: Bool { entries.count >= Self.limit || octets.count >= Self.octetLimit }

  /// Whether the guest is cut off in it.
  var cutsOff: Bool {
    entries.contains { if case .disabled = $0.event.body { true } else { false } }
  }
  /// Number of its last event.
  var lastNumber: UInt64 { entries.last?.number ?? 0 }

  mutating func append(
    _ event: TraceEvent, _ payload: RawSpan, number: UInt64 = 0, place: Int? = nil
  ) {
    let start = octets.count
    if payload.byteCount > 0 {
      octets.append(octets: payload)
      longestPayload = max(longestPayload, payload.byteCount)
    }
    entries.append(
      Entry(event: event, place: place, number: number, payload: start..<octets.count))
  }

  /// Changes the entries, one after the other.
  mutating func change(_ change: (inout Entry) -> Void) {
    var entries = entries.mutableSpan
    for place in entries.indices { change(&entries[place]) }
  }

  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    if !octets.isEmpty { octets.removeAll(keepingCapacity: true) }
    longestPayload = 0
  }

  /// Removes the entries that `isMeant` picks.
  mutating func extract(_ isMeant: (Entry) -> Bool) -> [Entry] {
    guard entries.contains(where: isMeant) else { return [] }
    let picked = entries.filter(isMeant)
    entries.removeAll(where: isMeant)
    return picked
  }

  /// An entry's octets.
  @_lifetime(borrow self)
  func octets(of entry: Entry) -> RawSpan { octets.span.octets.extracting(entry.payload) }

  /// The turn, to be looked at.
  var view: TurnView {
    @_lifetime(borrow self) get { TurnView(entries: entries.span, octets: octets.span.octets) }
  }
}

/// A turn that is looked at: what it takes to pass one on costs nothing.
struct TurnView: ~Escapable {
  let entries: Span<Turn.Entry>
  private let octets: RawSpan

  @_lifetime(copy entries, copy octets)
  init(entries: Span<Turn.Entry>, octets: RawSpan) {
    self.entries = entries
    self.octets = octets
  }

  /// The event of an entry, if there is one meant.
  func event(at place: Int?) -> TraceEvent? { place.map { entries[$0].event } }

  /// An entry's octets.
  @_lifetime(copy self)
  func octets(of entry: Turn.Entry) -> RawSpan { octets.extracting(entry.payload) }
}
