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
      if txHasAnswers { runReleases() }
      isInPoll = true
    }
    txTurn.append(event, payload, number: number)
    if case .txResponse = event.body { txHasAnswers = true }
    switch event.body {
    case .pollEnd:
      isInPoll = false
      runPoll()
    case .responseProducer where !isInPoll: runReleases()
    default: if txTurn.isOverfull { dropTx() }
    }
  }

  /// Gives a turn up that the trace does not finish.
  func dropTx() {
    judge.ledger.cut += UInt64(txTurn.entries.count)
    txTurn.removeAll()
    txHasAnswers = false
  }

  // MARK: - A poll

  private func runPoll() {
    let turn = txTurn
    scene.read(turn)
    if scene.isDisabled { willDisable() }
    pollTime = scene.time
    let start = queue.tx.requestConsumer
    registerSlots(failing: true)
    findTaken(from: start, to: scene.consumer ?? start)
    let failures = scene.failures(taken)
    express(failures)
    if judge.isCut { fillTaken() }
    writeMemory()
    if let event = scene.responseEvent { front.tx.setResponseEvent(event) }
    if let claimed = scene.claimed { lastClaimed = claimed }
    let mode: JudgeMode = scene.isObserved ? .observed : isLimited ? .limited : .exact
    let target = mode == .exact || scene.isDisabled ? lastClaimed : scene.consumer ?? lastClaimed
    front.tx.publish(claiming: target, .never)
    resolveAnswers()
    seen.removeAll()
    _ = queue.tx.poll(now: scene.time, budget: scene.budget)
    wantedAnswers.removeAll(keepingCapacity: true)
    for place in failures.keys { judge.inject(nil, for: txSlots.grant(at: place)) }
    compareTurn(mode)
    finishTurn()
  }

  private func compareTurn(_ mode: JudgeMode) {
    let (recorded, replayed) = (txTurn, seen)
    judge.compare(recorded, replayed, mode: mode, of: self)
  }

  private func finishTurn() {
    judge.ledger.replayed += UInt64(seen.entries.count)
    txTurn.removeAll()
    txHasAnswers = false
    seen.removeAll()
  }

  private func resolveAnswers() {
    wantedAnswers.removeAll(keepingCapacity: true)
    for answer in scene.answers { wantedAnswers.append(resolve(answer)) }
  }

  /// A request from before the trace is known by its id; the backend was given an index for it.
  private func resolve(_ answer: PollScene.Answer) -> RingIndex {
    guard !fromBefore.isEmpty else { return answer.request }
    let isEarlier = Int32(bitPattern: firstTaken.distance(from: answer.request)) > 0
    guard isEarlier || !queue.tx.isHeld(slot: answer.request),
      let before = fromBefore[answer.id], queue.tx.isHeld(slot: before)
    else { return answer.request }
    namedBefore[before] = answer.request
    judge.ledger.rest.answeredFromBefore += 1
    return before
  }

  /// - Parameter failing: whether operations of the turn may fail, for slots with no good page.
  private func registerSlots(failing: Bool) {
    let canFail = failing && !judge.canInject
    for entry in txTurn.entries {
      guard case .slot(.tx, let index, let words) = entry.event.body else { continue }
      let isBad = canFail && scene.failsBadly(GrantReference(rawValue: words.w0))
      register(tx: index, words, isBad: isBad)
    }
  }

  private func findTaken(from start: RingIndex, to end: RingIndex) {
    taken.removeAll(keepingCapacity: true)
    for ahead in 0..<min(end.distance(from: start), UInt32(GuestSlots.count)) {
      let index = start.advanced(by: ahead)
      let kind = txSlots.kind(at: index)
      guard kind != .extra else { continue }
      let place = GuestSlots.place(of: index)
      let request = TxRequest(words: front.tx.read(at: index))
      taken.append(
        .init(
          place: place, grant: txSlots.reference(at: place), offset: request.offset,
          size: request.size, isHead: kind == .head))
    }
  }

  /// Fills what the slots name with something, for the snap length may have cut what was there.
  private func fillTaken() {
    var position = 0
    let taken = taken
    for (place, slot) in taken.enumerated() {
      if slot.isHead { position = 0 }
      let size = slot.isHead ? slot.ownSize(before: taken[(place + 1)...]) : slot.size
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
        judge.ledger.rest.notExpressible += 1
      }
    }
  }

  private func writeMemory() {
    let (turn, taken) = (txTurn, taken)
    for entry in turn.entries {
      guard case .memory(let operand) = entry.event.body else { continue }
      judge.count(operand, isIndependent: scene.isCopied(operand))
      for slot in taken where slot.grant == operand.grant {
        turn.withOctets(of: entry) {
          txSlots.write($0, at: Int(operand.offset), place: slot.place)
        }
      }
    }
  }

  // MARK: - Releases

  /// Puts the recorded releases between the answers of the poll that is under way.
  func settle(_ answers: Span<TxAnswer>) {
    judge.ledger.orderJudged += UInt64(answers.count)
    var later = 0
    for position in wantedAnswers.indices {
      // The next answer that the poll decided itself, here or behind.
      later = max(later, position)
      while later < wantedAnswers.count, !answers.holdsAnswer(to: wantedAnswers[later]) {
        later += 1
      }
      guard later != position else { continue }
      let before = later < wantedAnswers.count ? wantedAnswers[later] : nil
      if queue.tx.release(slot: wantedAnswers[position], before: before, now: pollTime) {
        judge.ledger.orderFollowed += 1
      }
    }
  }

  /// Releases what the trace released between two polls.
  private func runReleases() {
    let turn = txTurn
    scene.read(turn)
    registerSlots(failing: false)
    if let event = scene.responseEvent { front.tx.setResponseEvent(event) }
    resolveAnswers()
    judge.ledger.orderFollowed += UInt64(wantedAnswers.count)
    seen.removeAll()
    let released = wantedAnswers
    _ = queue.tx.release(slots: released.span, now: scene.time)
    wantedAnswers.removeAll(keepingCapacity: true)
    compareTurn(scene.isObserved ? .observed : .exact)
    finishTurn()
  }
}

extension Span<TxAnswer> {
  /// Whether one of the answers is to this request.
  fileprivate func holdsAnswer(to request: RingIndex) -> Bool {
    for place in indices where self[place].request == request { return true }
    return false
  }
}
