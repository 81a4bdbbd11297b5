import Netif
import TraceFormat
import XenInterface
import XenRing

extension ScenarioLane {
  /// Messages that a poll takes at most: a ring of them.
  private static let mostMessages = 256

  /// Whatever stands between begin and end of a poll of the control ring is of that poll.
  mutating func beginControl() {
    flushRx()
    messages = []
  }

  /// Takes an event of a poll of the control ring; the last one has its messages written.
  mutating func take(control body: TraceEvent.Body, _ payload: RawSpan) {
    let last = (messages?.count ?? 0) - 1
    switch body {
    case .slot(.control, let index, let words):
      control.skip(to: index.rawValue &+ 1)
      if last + 1 < Self.mostMessages { messages?.append((words, LaneTurn())) }
    case .requestProducer(.control, let index): control.claimed = index.rawValue
    case .eventIndex(.control, .frontend, let index):
      control.listens = index.rawValue &- control.answered
    case .grantCopy(let operand, _, let status):
      if last >= 0 { messages?[last].turn.note(operand.grant, status) }
    case .memory(let operand):
      if last >= 0 { messages?[last].turn.note(operand, payload, upTo: RingLayout.pageSize) }
    case .disabled(let rule):
      controlRule = rule
      isCutOff = true
    case .controlResponse(let index, _, _, _): control.answered = index.rawValue &+ 1
    case .pollEnd(.control, _, _, _): endControl()
    default: break
    }
  }

  private mutating func endControl() {
    defer { (messages, controlRule) = (nil, nil) }
    let messages = messages ?? []
    let beyond = controlRule == nil ? 0 : control.claimed &- control.next
    if let ahead = control.takeListens() { draft.add(.listen(.control, ahead: ahead)) }
    for message in messages { write(message.words, message.turn) }
    if !messages.isEmpty || beyond > 0 { draft.publish(.control, beyond: beyond) }
    rest()
  }

  private mutating func write(_ words: TraceEvent.Words, _ turn: LaneTurn) {
    let octets = turn.memory.reduce(0) { $0 + $1.octets.count }
    makeRoom(for: 2 * octets + 4 * ScenarioDraft.stepOctets, on: .control)
    let type = UInt16(truncatingIfNeeded: words.w0 >> 16)
    guard ControlMessage(rawValue: type)?.namesPage == true else {
      return draft.add(.message(ScenarioMessage(type, words.w1, words.w2, words.w3)))
    }
    // A page of a message before this one may hold something else.
    if let page = draft.pages.page(of: words.w1), draft.pages.isPending(UInt8(page)) {
      draft.publish(.control)
    }
    let grant = draft.grant(words.w1, turn.failures[words.w1])
    for memory in turn.memory where Int(grant.rawValue) < ScenarioGrant.pages {
      draft.write(memory.octets[...], in: grant.rawValue, at: Int(memory.operand.offset))
    }
    draft.add(.message(ScenarioMessage(type, grant.reference, words.w2, words.w3)))
  }
}

extension ControlMessage {
  /// Whether its first argument names a page that the backend reads and the models know.
  fileprivate var namesPage: Bool { self == .setHashKey || self == .setHashMapping }
}
