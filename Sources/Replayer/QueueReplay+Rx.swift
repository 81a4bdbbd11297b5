import Netback
import Netfront
import Netif
import TraceFormat
import XenInterface
import XenRing

extension QueueReplay {
  /// Takes an event of the RX ring; the last one of a batch starts the backend.
  func take(rx event: TraceEvent, _ payload: RawSpan, number: UInt64) {
    if beginsBatch(event.body), answersEndPacket == true { runRx() }
    rxTurn.append(event, payload, number: number)
    if case .responseProducer = event.body, answersEndPacket != false {
      runRx()
    } else if rxTurn.isOverfull || judge.context.isDisabled {
      runRx(polls: false)
    }
  }

  /// What comes after a batch's answers when nobody saw them published.
  private func beginsBatch(_ body: TraceEvent.Body) -> Bool {
    switch body {
    case .slot, .requestProducer, .grantCopy, .taken, .dropped: true
    default: false
    }
  }

  /// Whether the last answer is the last one of its packet; `nil` when there is none. Linux also
  /// publishes in the midst of a packet, when its batch of copies is full.
  private var answersEndPacket: Bool? {
    var goesOn: Bool?
    var hasExtras = false
    for entry in rxTurn.entries {
      guard case .rxResponse(_, let word0, let word1) = entry.event.body else { continue }
      if hasExtras {
        hasExtras = word0 >> 8 & 1 != 0
        continue
      }
      let flags = RxResponse(words: [word0, word1, 0, 0]).flags
      goesOn = flags.contains(.moreData)
      hasExtras = flags.contains(.extraInfo)
    }
    return goesOn.map { !$0 && !hasExtras }
  }

  /// - Parameter polls: `false` when the guest's requests do not suffice for the frames so far, or
  ///   it was cut off.
  private func runRx(polls: Bool = true) {
    let isObserved = rxTurn.entries.contains { $0.event.origin == .observed }
    let failures = registerRequests()
    for (place, status) in failures where judge.canInject {
      judge.inject(status, for: rxSlots.grant(at: place))
    }
    publishRequests(isObserved: isObserved)
    seen.removeAll()
    enqueueFrames()
    let now = rxTurn.entries.last?.event.time ?? pollTime
    if polls { _ = queue.rx.poll(now: now) }
    for place in failures.keys { judge.inject(nil, for: rxSlots.grant(at: place)) }
    let ahead = isObserved ? takeCopiesAhead() : []
    judge.compare(rxTurn, seen, mode: isObserved ? .observed : .exact, of: self)
    judge.comparePages(seen, of: self)
    judge.report.replayed += UInt64(seen.entries.count)
    rxTurn.removeAll()
    for entry in ahead { rxTurn.append(entry.event, RawSpan(), number: entry.number) }
    seen.removeAll()
  }

  /// Takes the copies out of a batch whose slots it does not answer: Linux does copies when it has
  /// 64 of them, whichever slots they are for.
  private func takeCopiesAhead() -> [Turn.Entry] {
    var answered = Set<GrantReference>()
    for entry in rxTurn.entries {
      guard case .rxResponse(let index, _, _) = entry.event.body else { continue }
      answered.insert(rxSlots.reference(at: GuestSlots.place(of: index)))
    }
    return rxTurn.extract { entry in
      guard case .grantCopy(let operand, _, _) = entry.event.body else { return false }
      return !answered.contains(operand.grant)
    }
  }

  /// Queues the frames so far, without a poll.
  func feed() { if !rxTurn.isEmpty { runRx(polls: false) } }

  /// Queues frames of a batch that the trace does not finish; the poll that would follow was not
  /// recorded.
  func flushRx() {
    guard !rxTurn.isEmpty else { return }
    _ = registerRequests()
    drop(&rxTurn)
  }

  private func registerRequests() -> [Int: GrantStatus] {
    var failures: [GrantReference: GrantStatus] = [:]
    for entry in rxTurn.entries {
      guard case .grantCopy(let operand, .toGuest, let status) = entry.event.body,
        status != .okay
      else { continue }
      failures[operand.grant] = status
    }
    var places: [Int: GrantStatus] = [:]
    for entry in rxTurn.entries {
      guard case .slot(.rx, let index, let words) = entry.event.body else { continue }
      let status = failures[GrantReference(rawValue: words.w1)]
      register(rx: index, words, isBad: !judge.canInject && status == .badGrantReference)
      if let status { places[GuestSlots.place(of: index)] = status }
      if status != nil, status != .badGrantReference, !judge.canInject {
        judge.report.notExpressible += 1
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

  private func enqueueFrames() {
    for entry in rxTurn.entries {
      switch entry.event.body {
      case .taken(let record), .dropped(let record):
        var octets: [UInt8] = []
        rxTurn.withOctets(of: entry) { octets.append(octets: $0) }
        let missing = min(Int(record.length), 1 << 16) - octets.count
        octets += Filler.octets(octets.count, count: missing)
        let isTaken = queue.rx.enqueue(
          octets.span.octets, offload: record.offload, now: entry.event.time)
        if isTaken { waiting.append(octets) }
      default: break
      }
    }
  }
}
