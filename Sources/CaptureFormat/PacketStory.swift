import Netif
import TraceFormat
import XenRing

/// What became of a packet on a ring: its slots, grant operations and answers, in the order of the trace.
struct PacketStory {
  /// How far it came.
  enum Outcome {
    /// Nothing is known but its slots.
    case noFrame
    /// It went to the network.
    case delivered
    /// It waits for the guest.
    case waits
    /// It went to the guest.
    case handedOver
    /// It was refused before it waited.
    case refused
    /// It had waited too long.
    case expired
    /// The guest was cut off before it was answered; the number of the rule.
    case cutOff(rule: UInt8)
  }

  /// Events that are kept; a packet of a real ring has fewer. So many lines fit into a comment.
  static let most = 512

  /// The place in the line of what the story is told at; nil where it can be told at nothing.
  var place: UInt64?
  /// The event of its frame.
  var frame: ToldEvent?
  var outcome: Outcome
  private(set) var events: [ToldEvent] = []
  /// Events that found no room.
  private(set) var omitted = 0
  private(set) var slots = 0
  private(set) var answers = 0
  /// Answers that say that something went wrong.
  private(set) var errors = 0

  init(_ outcome: Outcome, at place: UInt64? = nil) {
    self.outcome = outcome
    self.place = place
  }

  /// Whether each slot has its answer.
  var isAnswered: Bool { answers >= slots }

  mutating func append(_ told: ToldEvent) {
    count(told)
    guard events.count < Self.most else { return omitted += 1 }
    events.append(told)
  }

  /// Notes a slot, of which there may be no event.
  mutating func countSlot() { slots += 1 }

  private mutating func count(_ told: ToldEvent) {
    switch told.event.body {
    case .txResponse(_, _, _, let status):
      answers += 1
      if status.rawValue < 0 { errors += 1 }
    case .rxResponse(_, _, let word1):
      answers += 1
      if !told.isExtra, Int16(truncatingIfNeeded: word1 >> 16) < 0 { errors += 1 }
    default: break
    }
  }
}

extension PacketStory {
  /// The story for people: the outcome, then each event in the words of the text form.
  var comment: [UInt8] {
    var lines = [headline]
    lines += events.map(\.words)
    if omitted > 0 { lines.append("and \(omitted) events more") }
    return Array(lines.joined(separator: "\n").utf8)
  }

  private var headline: String {
    switch outcome {
    case .noFrame: "no frame; \(count)"
    case .delivered: "delivered; \(count)"
    case .waits: "waits for the guest"
    case .handedOver: "handed to the guest; \(count)"
    case .refused: "dropped: refused"
    case .expired: "dropped: had waited too long"
    case .cutOff(let rule): "no frame, guest cut off by \(TxViolation.name(ofCode: rule)); \(count)"
    }
  }

  private var count: String {
    let (slotWord, errorWord) = (slots == 1 ? "slot" : "slots", errors == 1 ? "error" : "errors")
    return "\(slots) \(slotWord), \(answers) answered, \(errors) \(errorWord)"
  }
}
