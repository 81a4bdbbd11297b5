import Netback
import Netfront
import Netif
import TraceFormat
import XenInterface
import XenRing

extension QueueReplay {
  /// Takes an event of the TX ring; the last one of a turn starts the backend.
  func take(tx event: TraceEvent, _ payload: RawSpan, number: UInt64) {
    if case .pollBegin = event.body {
      if hasAnswers { runReleases() }
      isInPoll = true
    }
    txTurn.append(event, payload, number: number)
    switch event.body {
    case .pollEnd:
      isInPoll = false
      runPoll()
    case .responseProducer where !isInPoll: runReleases()
    default: if txTurn.isOverfull { drop(&txTurn) }
    }
  }

  private var hasAnswers: Bool {
    txTurn.entries.contains {
      if case .txResponse = $0.event.body { true } else { false }
    }
  }

  func drop(_ turn: inout Turn) {
    judge.report.cut += UInt64(turn.entries.count)
    turn.removeAll()
  }

  // MARK: - A poll

  private func runPoll() {
    let scene = PollScene(txTurn)
    if scene.isDisabled { willDisable() }
    pollTime = scene.time
    let start = queue.tx.requestConsumer
    registerSlots(failing: scene.failsBadly)
    let consumed = dataPlaces(from: start, to: scene.consumer ?? start)
    let failures = scene.failures(consumed)
    express(failures)
    if judge.isCut { fill(consumed) }
    writeMemory(scene, to: consumed)
    if let event = scene.responseEvent { front.tx.setResponseEvent(event) }
    if let claimed = scene.claimed { lastClaimed = claimed }
    let mode: JudgeMode = scene.isObserved ? .observed : isLimited ? .limited : .exact
    let target = mode == .exact || scene.isDisabled ? lastClaimed : scene.consumer ?? lastClaimed
    front.tx.publish(claiming: target, .never)
    wantedAnswers = scene.answers.map { resolve($0) }
    run { _ = self.queue.tx.poll(now: scene.time, budget: scene.budget) }
    for place in failures.keys { judge.inject(nil, for: txSlots.grant(at: place)) }
    judge.compare(txTurn, seen, mode: mode, of: self)
    finishTurn()
  }

  private func run(_ body: () -> Void) {
    seen.removeAll()
    body()
    wantedAnswers.removeAll(keepingCapacity: true)
  }

  private func finishTurn() {
    judge.report.replayed += UInt64(seen.entries.count)
    txTurn.removeAll()
    seen.removeAll()
  }

  /// A request from before the trace is known by its id; the backend was given an index for it.
  private func resolve(_ answer: PollScene.Answer) -> RingIndex {
    let isEarlier = Int32(bitPattern: firstTaken.distance(from: answer.request)) > 0
    guard isEarlier || !queue.tx.isHeld(slot: answer.request),
      let before = fromBefore[answer.id], queue.tx.isHeld(slot: before)
    else { return answer.request }
    namedBefore[before] = answer.request
    judge.report.answeredFromBefore += 1
    return before
  }

  private func registerSlots(failing: (GrantReference) -> Bool) {
    for entry in txTurn.entries {
      guard case .slot(.tx, let index, let words) = entry.event.body else { continue }
      let isBad = !judge.canInject && failing(GrantReference(rawValue: words.w0))
      register(tx: index, words, isBad: isBad)
    }
  }

  private func dataPlaces(from start: RingIndex, to end: RingIndex) -> [PollScene.DataSlot] {
    let count = min(end.distance(from: start), UInt32(GuestSlots.count))
    return (0..<count).compactMap { ahead in
      let index = start.advanced(by: ahead)
      let kind = txSlots.kind(at: index)
      guard kind != .extra else { return nil }
      let place = GuestSlots.place(of: index)
      let request = TxRequest(words: front.tx.read(at: index))
      return .init(
        place: place, grant: txSlots.reference(at: place), offset: request.offset,
        size: request.size, isHead: kind == .head)
    }
  }

  /// Fills what the slots name with something, for the snap length may have cut what was there.
  private func fill(_ slots: [PollScene.DataSlot]) {
    var position = 0
    for (place, slot) in slots.enumerated() {
      if slot.isHead { position = 0 }
      let size = slot.isHead ? slot.ownSize(before: slots[(place + 1)...]) : slot.size
      txSlots.fill(
        place: slot.place, offset: Int(slot.offset), count: Int(size), position: position)
      position += Int(size)
    }
  }

  private func express(_ failures: [Int: GrantStatus]) {
    for (place, status) in failures {
      if judge.canInject {
        judge.inject(status, for: txSlots.grant(at: place))
      } else if status != .badGrantReference {
        judge.report.notExpressible += 1
      }
    }
  }

  private func writeMemory(_ scene: PollScene, to slots: [PollScene.DataSlot]) {
    for entry in txTurn.entries {
      guard case .memory(let operand) = entry.event.body else { continue }
      judge.count(operand, isIndependent: scene.isCopied(operand))
      for slot in slots where slot.grant == operand.grant {
        txTurn.withOctets(of: entry) {
          txSlots.write($0, at: Int(operand.offset), place: slot.place)
        }
      }
    }
  }

  // MARK: - Releases

  /// Puts the recorded releases between the answers of the poll that is under way.
  func settle(_ answers: Span<TxAnswer>) {
    var natural = Set<RingIndex>()
    for place in answers.indices { natural.insert(answers[place].request) }
    judge.report.orderJudged += UInt64(natural.count)
    for (position, request) in wantedAnswers.enumerated() where !natural.contains(request) {
      let later = wantedAnswers[(position + 1)...].first { natural.contains($0) }
      if queue.tx.release(slot: request, before: later, now: pollTime) {
        judge.report.orderFollowed += 1
      }
    }
  }

  /// Releases what the trace released between two polls.
  private func runReleases() {
    let scene = PollScene(txTurn)
    registerSlots { _ in false }
    if let event = scene.responseEvent { front.tx.setResponseEvent(event) }
    let released = scene.answers.map { resolve($0) }
    judge.report.orderFollowed += UInt64(released.count)
    run { _ = self.queue.tx.release(slots: released.span, now: scene.time) }
    judge.compare(txTurn, seen, mode: scene.isObserved ? .observed : .exact, of: self)
    finishTurn()
  }
}
