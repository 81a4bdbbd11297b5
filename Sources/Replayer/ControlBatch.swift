import Netif
import RingCases
import TraceFormat
import XenInterface
import XenRing

/// What a guest puts on its control ring for one poll, for a live backend.
struct ControlBatch {
  /// A message, and the page that it points at.
  struct Message {
    /// The trace's index.
    var index: RingIndex
    /// Its words; where there is a page, the second is to become a reference to it.
    var words: SlotWords
    /// What stands in the page; nil for a message that points at none.
    var page: [UInt8]?
  }

  /// The messages, in ring order.
  var messages: [Message] = []
  /// How far the guest claims to have published beyond them.
  var beyond: UInt32 = 0
  /// Whether a copy failed in the recording that cannot be made to fail here.
  var isExcused = false
  /// Events of messages about staging grants, which are left out: the pages are the trace's.
  var passed: UInt64 = 0
  /// The events of the poll.
  var turn: Turn

  /// Whether the guest has something to do.
  var isEmpty: Bool { messages.isEmpty && beyond == 0 }

  /// What a trace says of a poll.
  ///
  /// - Parameter claimed: the producer that the guest has published.
  init(_ turn: Turn, claimed: RingIndex) {
    self.turn = turn
    let recorded = RecordedMessage.all(in: turn)
    for message in recorded {
      guard !message.isStaging else {
        passed += 1
        continue
      }
      if message.isUnexpressible { isExcused = true }
      messages.append(Message(message, in: turn))
    }
    passed += UInt64(turn.entries.filter { $0.event.body.isStagingAnswer }.count)
    if turn.cutsOff { beyond = claimed.distance(from: turn.consumer) }
  }
}

// MARK: - Hashing as it was set before

extension ControlBatch {
  /// Messages that set hashing as a snapshot has it, whatever was set before. All must succeed.
  ///
  /// - Parameters:
  ///   - queues: the mapping is one to so many.
  ///   - number: the event that this comes before.
  init(setting hash: HashSnapshot, queues: Int, before number: UInt64) {
    self.init(Turn(), claimed: RingIndex(rawValue: 0))
    add(.setHashAlgorithm, HashAlgorithm.toeplitz.rawValue)
    add(.setHashFlags, hash.types)
    add(.setHashKey, page: hash.key, count: hash.key.count)
    add(.setHashMappingSize, UInt32(clamping: hash.mapping.count))
    if !hash.mapping.isEmpty {
      let entries = hash.mapping.map { $0 % UInt32(clamping: max(queues, 1)) }
      add(.setHashMapping, page: entries.flatMap(\.littleEndianOctets), count: entries.count)
    }
    add(.setHashAlgorithm, hash.algorithm)
    for message in messages {
      let event = TraceEvent(
        time: MonotonicInstant(nanoseconds: 0), origin: .observed,
        .controlResponse(index: message.index, word0: message.words[0], word1: 0, word2: 0))
      turn.append(event, RawSpan(), number: number)
    }
  }

  private mutating func add(_ message: ControlMessage, page: [UInt8], count: Int) {
    // Nothing is read of an empty page.
    add(message, 0, UInt32(clamping: count))
    messages[messages.count - 1].page = page.isEmpty ? nil : page
  }

  private mutating func add(_ message: ControlMessage, _ data0: UInt32, _ data1: UInt32 = 0) {
    let index = RingIndex(rawValue: UInt32(messages.count))
    let request = ControlRequest(
      id: UInt16(messages.count), type: message.rawValue, data0: data0, data1: data1)
    messages.append(Message(index: index, words: request.words))
  }
}

extension ControlBatch.Message {
  /// A recorded message with what its page held.
  fileprivate init(_ message: RecordedMessage, in turn: Turn) {
    let words = message.words
    self.init(index: message.index, words: [words.w0, words.w1, words.w2, words.w3])
    guard message.namesPage else { return }
    guard message.status != .badGrantReference else {
      self.words[1] = ControlReplay.badReference
      return
    }
    var octets = [UInt8](repeating: 0, count: RingLayout.pageSize)
    message.forEachPiece(in: turn) { _, piece, start in
      octets.replaceSubrange(start..<start + piece.byteCount, with: piece.array)
    }
    page = octets
  }
}

extension RecordedMessage {
  /// Whether a copy failed in a way that a bad reference does not bring.
  fileprivate var isUnexpressible: Bool {
    namesPage && status != .okay && status != .badGrantReference
  }
}

extension TraceEvent.Body {
  /// Whether it answers a message about staging grants.
  var isStagingAnswer: Bool {
    if case .controlResponse(_, let word0, _, _) = self {
      RecordedMessage.isStaging(word0)
    } else {
      false
    }
  }
}

extension Turn {
  /// How far a poll of the control ring has taken messages.
  fileprivate var consumer: RingIndex {
    for entry in entries.reversed() {
      if case .pollEnd(.control, let index, _, _) = entry.event.body { return index }
    }
    return RingIndex(rawValue: 0)
  }
}
