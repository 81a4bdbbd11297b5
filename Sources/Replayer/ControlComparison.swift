import TraceFormat
import XenInterface
import XenRing

/// Compares a poll of the control ring with what the replay made of it: events of one kind, one after
/// the other.
struct ControlComparison {
  let recorded: Turn
  let seen: Turn
  let isObserved: Bool
  /// Whether messages about staging grants are left out, with all that was done for them.
  let passesStaging: Bool
  let judge: Judge

  /// Compares all that is judged.
  func run() {
    let wasFaithful = judge.ledger.isFaithful
    let ours = entries(of: recorded)
    let theirs = entries(of: seen)
    for facet in Facet.control {
      compare(ours.filter { $0.facet == facet }, theirs.filter { $0.facet == facet })
    }
    if wasFaithful, !judge.ledger.isFaithful {
      judge.ledger.rest.firstTurn = DivergentTurn(
        recorded: recorded.entries.map(\.event), replayed: seen.entries.map(\.event))
    }
  }

  private struct Judged {
    var facet: Facet
    var entry: Turn.Entry
  }

  private func entries(of turn: Turn) -> [Judged] {
    var all: [Judged] = []
    var isPassed = false
    for entry in turn.entries {
      if passesStaging, isLeftOut(entry.event.body, &isPassed) { continue }
      let facet = Facet(control: entry.event.body, isObserved: isObserved)
      guard facet != .none else { continue }
      if let last = all.indices.last, all[last].facet == .copy, facet == .copy,
        let whole = all[last].entry.event.body.joined(with: entry.event.body)
      {
        all[last].entry.event.body = whole
      } else {
        all.append(Judged(facet: facet, entry: entry))
      }
    }
    return all
  }

  /// - Parameter isPassed: whether the message under way is left out.
  private func isLeftOut(_ body: TraceEvent.Body, _ isPassed: inout Bool) -> Bool {
    switch body {
    case .slot(.control, _, let words):
      isPassed = RecordedMessage.isStaging(words.w0)
      return isPassed
    case .controlResponse(_, let word0, _, _): return RecordedMessage.isStaging(word0)
    // A poll may end behind such a message with others left.
    case .pollBegin, .requestProducer: return true
    case .grantCopy, .memory: return isPassed
    default: return false
    }
  }

  private func compare(_ ours: [Judged], _ theirs: [Judged]) {
    for (left, right) in zip(ours, theirs) { compare(left.entry, right.entry) }
    for left in ours.dropFirst(theirs.count) {
      judge.note(.missing, left.entry.number, left.entry.event, nil, 0)
    }
    let end = recorded.entries.last?.number ?? 0
    for right in theirs.dropFirst(ours.count) {
      judge.note(.unexpected, end, nil, right.entry.event, 0)
    }
  }

  private func compare(_ ours: Turn.Entry, _ theirs: Turn.Entry) {
    guard agree(ours.event.body, theirs.event.body) else {
      return judge.note(.differs, ours.number, ours.event, theirs.event, 0)
    }
    let octets = recorded.octets(of: ours)
    if let octet = octets.firstDifference(from: seen.octets(of: theirs)) {
      return judge.note(.octets(octet), ours.number, ours.event, theirs.event, 0)
    }
    judge.ledger.countMatched()
  }

  private func agree(_ ours: TraceEvent.Body, _ theirs: TraceEvent.Body) -> Bool {
    if case .disabled(rule: 255) = ours, case .disabled = theirs { return true }
    return ours == theirs
  }
}

extension Facet {
  /// What is compared of the control ring.
  fileprivate static let control: [Facet] = [
    .pollBegin, .requestProducer, .slot, .copy, .memory, .eventIndex, .answer, .notification,
    .responseProducer, .disabled, .pollEnd,
  ]

  /// The facet of an event in a poll of the control ring. Who looks on from outside does not see when
  /// each answer was published, and who was told.
  fileprivate init(control body: TraceEvent.Body, isObserved: Bool) {
    switch body {
    case .pollBegin, .requestProducer, .eventIndex, .notification, .responseProducer:
      self = isObserved ? .none : Facet(body, .exact)
    case .controlResponse: self = .answer
    case .slot, .grantCopy, .memory, .disabled, .pollEnd: self = Facet(body, .exact)
    default: self = .none
    }
  }
}

extension TraceEvent.Body {
  /// One copy for two of neighbouring octets: Linux parts a copy where its own table crosses a page.
  fileprivate func joined(with next: TraceEvent.Body) -> TraceEvent.Body? {
    guard case .grantCopy(var operand, let direction, let status) = self,
      case .grantCopy(let second, direction, let secondStatus) = next,
      operand.grant == second.grant,
      UInt32(operand.offset) + UInt32(operand.length) == UInt32(second.offset),
      let length = UInt16(exactly: UInt32(operand.length) + UInt32(second.length))
    else { return nil }
    operand.length = length
    return .grantCopy(
      operand, direction: direction, status: status == .okay ? secondStatus : status)
  }
}
