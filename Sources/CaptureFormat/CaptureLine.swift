/// Events in the order of the trace, some of which wait for what is to be told at them.
struct CaptureLine {
  struct Record {
    var told: ToldEvent
    var payload: [UInt8]
    /// What is told at it.
    var story: PacketStory?
    fileprivate var isHeld = false
  }

  /// Events and octets of payload that wait at most; then it is told what is known.
  private static let mostRecords = 1 << 14
  private static let mostOctets = 16 << 20

  private var records: [Record] = []
  /// Records before it in the list are gone.
  private var first = 0
  /// Place of the first record of the list.
  private var base: UInt64 = 0
  private var octets = 0

  var isFull: Bool { records.count - first > Self.mostRecords || octets > Self.mostOctets }

  /// Appends an event and returns its place.
  mutating func append(_ told: ToldEvent, payload: [UInt8]) -> UInt64 {
    octets += payload.count
    records.append(Record(told: told, payload: payload))
    return base + UInt64(records.count - 1)
  }

  /// Notes that the event there is an extra info.
  mutating func markExtra(_ place: UInt64) { change(place) { $0.told.isExtra = true } }

  /// Has the event there wait, and all behind it.
  mutating func hold(_ place: UInt64) { change(place) { $0.isHeld = true } }

  /// Lets it go.
  mutating func release(_ place: UInt64?) {
    if let place { change(place) { $0.isHeld = false } }
  }

  /// Tells a story at its place, and lets go of what waits there.
  mutating func tell(_ story: PacketStory) {
    guard let place = story.place else { return }
    change(place) {
      $0.story = story
      $0.isHeld = false
    }
  }

  /// Takes the first record out, when it waits for nothing.
  mutating func popReady() -> Record? {
    guard first < records.count, !records[first].isHeld else { return nil }
    let record = records[first]
    records[first].payload = []
    octets -= record.payload.count
    first += 1
    tidy()
    return record
  }

  private mutating func change(_ place: UInt64, _ body: (inout Record) -> Void) {
    guard place >= base + UInt64(first) else { return }
    body(&records[Int(place - base)])
  }

  /// Forgets what is gone, when that is much or all.
  private mutating func tidy() {
    guard first == records.count || first >= 1024 && first > records.count / 2 else { return }
    records.removeFirst(first)
    base += UInt64(first)
    first = 0
  }
}
