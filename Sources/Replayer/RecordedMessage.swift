import Netif
import TraceFormat
import XenInterface
import XenRing

/// A control message as a trace has it, with what belongs to it.
struct RecordedMessage {
  let index: RingIndex
  let words: TraceEvent.Words
  /// How the worst of its grant copies ended.
  private(set) var status = GrantStatus.okay
  /// The answer that the guest asked to be told of when this one came.
  private(set) var responseEvent: RingIndex?
  /// The places in the turn of what its copies brought.
  private(set) var memory: [Int] = []

  /// Whether its first argument is a grant reference.
  var namesPage: Bool {
    switch ControlMessage(rawValue: UInt16(truncatingIfNeeded: words.w0 >> 16)) {
    case .setHashKey, .setHashMapping: true
    default: false
    }
  }

  /// Whether it is about staging grants.
  var isStaging: Bool { Self.isStaging(words.w0) }

  /// Whether a message, or an answer to one, with this first word is about staging grants.
  static func isStaging(_ word: UInt32) -> Bool {
    switch ControlMessage(rawValue: UInt16(truncatingIfNeeded: word >> 16)) {
    case .getGrantMappingSize, .addGrantMapping, .deleteGrantMapping: true
    default: false
    }
  }

  /// The messages of a poll; what follows one belongs to it.
  static func all(in turn: Turn) -> [RecordedMessage] {
    var messages: [RecordedMessage] = []
    for (place, entry) in turn.entries.enumerated() {
      if case .slot(.control, let index, let words) = entry.event.body {
        messages.append(RecordedMessage(index: index, words: words))
      } else if let last = messages.indices.last {
        messages[last].take(entry.event.body, at: place)
      }
    }
    return messages
  }

  /// Gives out what its copies brought, piece by piece: the range, its octets as far as they lie in a page,
  /// and where they begin there.
  func forEachPiece(
    in turn: Turn, _ body: (TraceEvent.GrantOperand, RawSpan, Int) -> Void
  ) {
    for place in memory {
      let entry = turn.entries[place]
      guard case .memory(let operand) = entry.event.body else { continue }
      let start = min(Int(operand.offset), RingLayout.pageSize)
      let octets = turn.octets(of: entry)
      let count = min(octets.byteCount, RingLayout.pageSize - start)
      body(operand, octets.extracting(first: count), start)
    }
  }

  private mutating func take(_ body: TraceEvent.Body, at place: Int) {
    switch body {
    case .grantCopy(_, _, let status): if self.status == .okay { self.status = status }
    case .memory: memory.append(place)
    case .eventIndex(.control, .frontend, let index): responseEvent = index
    default: break
    }
  }

  /// Puts the trace's own references into what the backend did.
  static func name(_ messages: [RecordedMessage], in seen: inout Turn) {
    var current: RecordedMessage?
    seen.change { entry in
      switch entry.event.body {
      case .slot(.control, let index, var words):
        current = messages.first { $0.index == index }
        if let current, current.namesPage { words.w1 = current.words.w1 }
        entry.event.body = .slot(ring: .control, index: index, words)
      case .grantCopy(var operand, let direction, let status):
        if let current { operand.grant = GrantReference(rawValue: current.words.w1) }
        entry.event.body = .grantCopy(operand, direction: direction, status: status)
      case .memory(var operand):
        if let current { operand.grant = GrantReference(rawValue: current.words.w1) }
        entry.event.body = .memory(operand)
      default: break
      }
    }
  }
}
