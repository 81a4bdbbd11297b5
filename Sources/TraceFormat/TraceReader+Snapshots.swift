extension TraceReader {
  /// Goes to the last place, at the event of a number or before it, from which on the state of each
  /// vif is known: behind it comes a snapshot of each. Where there is none that is the beginning,
  /// where vifs are as the header says.
  ///
  /// Of a source without a length, such as a pipe, it stays where it is.
  /// - Complexity: reads each block from that place to the event, the last one first.
  public mutating func seek(toSnapshotsBefore number: UInt64) throws(TraceError) {
    var search = SnapshotSearch(vifs: header.vifs.count)
    var end = number == .max ? number : number + 1
    while search.start == nil, let block = try block(before: end) {
      try go(toBlockAt: block.offset)
      while eventNumber < end, let event = try next() { search.note(event, eventNumber &- 1) }
      search.endPart()
      end = block.head.firstEvent
    }
    guard blocks.source.length != nil else { return }
    try seek(toEvent: search.start ?? 0)
  }
}

/// Looks for the last snapshot of each vif, part by part, the last one first.
private struct SnapshotSearch {
  /// Vifs that must have one.
  private var vifs: Set<UInt16>
  /// Numbers of the last snapshots.
  private var found: [UInt16: UInt64] = [:]
  private var foundInPart: [UInt16: UInt64] = [:]

  init(vifs: Int) { self.vifs = Set((0..<vifs).map(UInt16.init(clamping:))) }

  /// Takes the next event of a part.
  mutating func note(_ event: TraceEvent, _ number: UInt64) {
    switch event.body {
    case .snapshot: foundInPart[event.vif] = number
    case .state, .key, .note, .gap, .connected, .disconnected: break
    default: vifs.insert(event.vif)
    }
  }

  /// Ends a part; those that follow lie before it.
  mutating func endPart() {
    found.merge(foundInPart) { later, _ in later }
    foundInPart.removeAll()
  }

  /// The first of the snapshots, if each vif has one.
  var start: UInt64? {
    vifs.allSatisfy { found[$0] != nil } ? found.values.min() : nil
  }
}
