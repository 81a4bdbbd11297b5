import Netback
import Netfront
import Netif
import TraceFormat
import XenInterface
import XenRing

extension QueueReplay {
  /// Takes an event of the RX ring; the last one of a batch starts the backend, unless it has cut
  /// the guest off. So does the end of a poll, which is told where frames had waited too long.
  mutating func take(
    rx event: TraceEvent, _ payload: RawSpan, number: UInt64, isCutOff: Bool
  ) {
    if rxAnswers.endPacket == true, beginsBatch(event.body) { runRx() }
    append(rx: event, payload, number: number)
    switch event.body {
    case .responseProducer where rxAnswers.endPacket != false: runRx()
    case .pollEnd: runRx(dropsExpired: true)
    default: if rxTurn.isOverfull || isCutOff { runRx(polls: false) }
    }
  }

  /// What comes after a batch's answers when nobody saw them published.
  private func beginsBatch(_ body: TraceEvent.Body) -> Bool {
    switch body {
    case .slot, .requestProducer, .grantCopy, .taken, .dropped: true
    default: false
    }
  }

  private mutating func append(rx event: TraceEvent, _ payload: RawSpan, number: UInt64) {
    rxTurn.append(event, payload, number: number)
    if event.origin == .observed { rxIsObserved = true }
    switch event.body {
    case .rxResponse(_, let word0, let word1): rxAnswers.take(word0, word1)
    case .grantCopy(_, .toGuest, let status): if status != .okay { rxHasFailures = true }
    default: break
    }
  }

  private mutating func removeRx() {
    rxTurn.removeAll()
    rxAnswers = AnswerTrack()
    rxIsObserved = false
    rxHasFailures = false
  }

  /// - Parameters:
  ///   - polls: `false` when the guest's requests do not suffice for the frames so far, or it was cut
  ///     off.
  ///   - dropsExpired: whether frames were dropped in the poll that had waited too long. Any other
  ///     poll keeps all: Linux has frames out of its queue, where alone they can, before it copies.
  private mutating func runRx(polls: Bool = true, dropsExpired: Bool = false) {
    let isObserved = rxIsObserved
    let failures = registerRequests()
    for (place, status) in failures where judge.canInject {
      fail(slots.rx.grant(at: place), with: status)
    }
    publishRequests(isObserved: isObserved)
    witness.begin(queue: number, keeping: rxTurn.longestPayload)
    let now = rxTurn.entries.last?.event.time ?? pollTime
    enqueueFrames()
    if polls { _ = queue.rx.poll(now: now, dropsExpired: dropsExpired) }
    witness.end(&seen)
    for place in failures.keys { mend(rx: place) }
    let ahead = isObserved ? takeCopiesAhead() : []
    slots.translate(&seen)
    judge.compare(
      rxTurn, seen, mode: isObserved ? .observed : .exact, queue: number, slots: slots.tx)
    judge.comparePages(seen, slots.rx, &waiting, queue: number)
    if dropsExpired { waiting.removeFirst(leaving: queue.rx.waitingFrames) }
    judge.ledger.replayed += UInt64(seen.entries.count)
    removeRx()
    for entry in ahead { append(rx: entry.event, RawSpan(), number: entry.number) }
  }

  /// Takes the copies out of a batch whose slots it does not answer: Linux does copies when it has
  /// 64 of them, whichever slots they are for.
  private mutating func takeCopiesAhead() -> [Turn.Entry] {
    answered.removeAll()
    for entry in rxTurn.entries {
      guard case .rxResponse(let index, _, _) = entry.event.body else { continue }
      answered.set(slots.rx.reference(at: GuestSlots.place(of: index)), 0)
    }
    return rxTurn.extract { entry in
      guard case .grantCopy(let operand, _, _) = entry.event.body else { return false }
      return answered[operand.grant] == nil
    }
  }

  /// Queues the frames so far, without a poll.
  mutating func feed() { if !rxTurn.isEmpty { runRx(polls: false) } }

  /// Queues frames of a batch that the trace does not finish; the poll that would follow was not
  /// recorded.
  mutating func flushRx() {
    guard !rxTurn.isEmpty else { return }
    _ = registerRequests()
    judge.ledger.cut += UInt64(rxTurn.entries.count)
    removeRx()
  }

  private mutating func registerRequests() -> [Int: GrantStatus] {
    var failures: [GrantReference: GrantStatus] = [:]
    for entry in rxTurn.entries where rxHasFailures {
      guard case .grantCopy(let operand, .toGuest, let status) = entry.event.body,
        status != .okay
      else { continue }
      failures[operand.grant] = status
    }
    var places: [Int: GrantStatus] = [:]
    for entry in rxTurn.entries {
      guard case .slot(.rx, let index, let words) = entry.event.body else { continue }
      let status = rxHasFailures ? failures[GrantReference(rawValue: words.w1)] : nil
      register(rx: index, words, isBad: !judge.canInject && status == .badGrantReference)
      if let status { places[GuestSlots.place(of: index)] = status }
      if status != nil, status != .badGrantReference, !judge.canInject {
        judge.ledger.rest.notExpressible += 1
      }
    }
    return places
  }

  private func publishRequests(isObserved: Bool) {
    var claimed: RingIndex?
    for entry in rxTurn.entries {
      switch entry.event.body {
      case .requestProducer(_, let index): if !isObserved { claimed = index }
      case .rxResponse(let index, _, _): if isObserved { claimed = index.advanced(by: 1) }
      case .eventIndex(_, .frontend, let index): front.rx.setResponseEvent(index)
      default: break
      }
    }
    if let claimed { front.rx.publish(claiming: claimed, .never) }
  }

  private mutating func enqueueFrames() {
    let turn = rxTurn
    for entry in turn.entries {
      switch entry.event.body {
      case .taken(let record), .dropped(let record):
        waiting.append(turn.octets(of: entry))
        enqueue(entry, record)
      default: break
      }
    }
  }

  /// Queues the frame whose known octets were put in.
  private mutating func enqueue(_ entry: Turn.Entry, _ record: TraceEvent.FrameRecord) {
    let known = entry.payload.count
    let missing = min(Int(record.length), 1 << 16) - known
    Filler.withOctets(known, count: missing) { waiting.append($0) }
    let isTaken = queue.rx.enqueue(
      waiting.octets(waiting.open), offload: record.offload, now: entry.event.time)
    if isTaken { waiting.close() } else { waiting.drop() }
  }
}
