/// Runs of octets that must not be found, by their eight octets at each place.
struct OctetRuns {
  /// As many as memory has room for.
  static let usual = 1 << 21

  private let most: Int
  private var words: Set<UInt64> = []

  /// Holds about `most` of them.
  init(most: Int) { self.most = most }

  var isFull: Bool { words.count >= most }

  mutating func removeAll() { words.removeAll(keepingCapacity: true) }

  /// Takes in what of an event's octets is replaced.
  mutating func insert(_ event: RedactedEvent) {
    event.forEachRun { _, word in words.insert(word) }
  }

  /// Where in the replaced octets of an event such runs stand.
  func found(in event: RedactedEvent) -> [Range<Int>] {
    var found: [Range<Int>] = []
    guard !words.isEmpty else { return found }
    event.forEachRun { place, word in
      if words.contains(word) { found.extend(by: place..<(place + RedactionAudit.run)) }
    }
    return found
  }
}

extension RedactedEvent {
  /// Hands over the eight octets at each place of what is replaced.
  fileprivate func forEachRun(_ body: (Int, UInt64) -> Void) {
    for part in covered where part.count >= RedactionAudit.run {
      for place in part.lowerBound...(part.upperBound - RedactionAudit.run) {
        body(place, source.littleEndianWord(place..<(place + RedactionAudit.run)))
      }
    }
  }

  /// Runs of octets that should have been replaced and are as in the other, in the same place.
  func runs(sharedWith other: RedactedEvent) -> [Range<Int>] {
    var shared: [Range<Int>] = []
    for part in covered {
      var start: Int?
      for place in part where place < other.source.count {
        guard source[place] == other.source[place] else {
          start = nil
          continue
        }
        start = start ?? place
        guard let first = start, place + 1 - first >= RedactionAudit.run else { continue }
        shared.extend(by: first..<(place + 1))
      }
    }
    return shared
  }
}

extension [Range<Int>] {
  /// Adds a range that begins no earlier than the last one, or makes that longer.
  fileprivate mutating func extend(by range: Range<Int>) {
    if let last, range.lowerBound <= last.upperBound {
      self[count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
    } else {
      append(range)
    }
  }
}
