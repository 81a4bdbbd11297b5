import Netback
import Netfront
import Netif
import TraceFormat
import XenInterface
import XenRing

extension QueueReplay {
  /// Takes an event of the TX ring; the last one of a turn starts the backend.
  mutating func take(tx event: TraceEvent, _ payload: RawSpan, number: UInt64) {
    if case .pollBegin = event.body {
      if txHasAnswers { runReleases() }
      isInPoll = true
    }
    txTurn.append(event, payload, number: number)
    switch event.body {
    case .txResponse: txHasAnswers = true
    case .disabled: txCutsOff = true
    default: break
    }
    switch event.body {
    case .pollEnd:
      isInPoll = false
      runPoll()
    case .responseProducer where !isInPoll: runReleases()
    default: if txTurn.isOverfull { dropTx() }
    }
  }

  /// Whether an event starts a poll in which the guest is cut off.
  func isCutOff(by body: TraceEvent.Body) -> Bool {
    if case .pollEnd = body { txCutsOff } else { false }
  }

  /// Gives a turn up that the trace does not finish.
  mutating func dropTx() {
    judge.ledger.cut += UInt64(txTurn.entries.count)
    removeTx()
  }

  private mutating func removeTx() {
    txTurn.removeAll()
    txHasAnswers = false
    txCutsOff = false
  }

  // MARK: - A poll

  private mutating func runPoll() {
    scene.read(txTurn)
    pollTime = scene.time
    let start = queue.tx.requestConsumer
    let end = scene.consumer ?? start
    let ahead = takeSlotsAhead(taking: start, to: end)
    registerSlots(failing: true)
    slots.tx.find(&taken, from: start, to: end)
    let failures = scene.failures(taken)
    express(failures)
    if judge.isCut { slots.tx.fill(taken) }
    judge.ledger.memory += slots.tx.write(memoryOf: txTurn, for: taken, &scene)
    if let event = scene.responseEvent { front.tx.setResponseEvent(event) }
    if let claimed = scene.claimed { lastClaimed = claimed }
    let mode: JudgeMode = scene.isObserved ? .observed : isLimited ? .limited : .exact
    let target = mode == .exact || scene.isDisabled ? lastClaimed : scene.consumer ?? lastClaimed
    front.tx.publish(claiming: target, .never)
    resolveAnswers()
    witness.begin(
      queue: number, keeping: txTurn.longestPayload,
      settling: .init(wanted: wantedAnswers, queue: queue, time: pollTime))
    _ = queue.tx.poll(now: scene.time, budget: scene.budget)
    witness.end(&seen)
    for place in failures.keys { mend(tx: place) }
    finishTurn(mode)
    putBack(ahead)
  }

  private mutating func finishTurn(_ mode: JudgeMode) {
    slots.translate(&seen)
    judge.compare(txTurn, seen, mode: mode, queue: number, slots: slots.tx)
    judge.ledger.replayed += UInt64(seen.entries.count)
    removeTx()
  }

  private mutating func resolveAnswers() {
    wantedAnswers.removeAll(keepingCapacity: true)
    for answer in scene.answers { wantedAnswers.append(resolve(answer)) }
  }

  /// A request from before the trace is known by its id; the backend was given an index for it.
  private mutating func resolve(_ answer: PollScene.Answer) -> RingIndex {
    guard !fromBefore.isEmpty else { return answer.request }
    let isEarlier = answer.request.isBehind(firstTaken)
    guard isEarlier || !queue.tx.isHeld(slot: answer.request),
      let before = fromBefore[answer.id], queue.tx.isHeld(slot: before)
    else { return answer.request }
    slots.namedBefore[before] = answer.request
    judge.ledger.rest.answeredFromBefore += 1
    return before
  }

  /// - Parameter failing: whether operations of the turn may fail, for slots with no good page.
  private mutating func registerSlots(failing: Bool) {
    let canFail = failing && !judge.canInject
    for entry in txTurn.entries {
      guard case .slot(.tx, let index, let words) = entry.event.body else { continue }
      let isBad = canFail && scene.failsBadly(GrantReference(rawValue: words.w0))
      register(tx: index, words, isBad: isBad)
    }
  }

  private func express(_ failures: [Int: GrantStatus]) {
    for (place, status) in failures {
      if judge.canInject {
        fail(slots.tx.grant(at: place), with: status)
      } else if !slots.tx.canExpress(status, at: place) {
        judge.ledger.rest.notExpressible += 1
      }
    }
  }

  // MARK: - Releases

  /// Releases what the trace released between two polls.
  private mutating func runReleases() {
    scene.read(txTurn)
    let start = queue.tx.requestConsumer
    let ahead = takeSlotsAhead(taking: start, to: start)
    registerSlots(failing: false)
    if let event = scene.responseEvent { front.tx.setResponseEvent(event) }
    resolveAnswers()
    judge.ledger.orderFollowed += UInt64(wantedAnswers.count)
    witness.begin(queue: number, keeping: txTurn.longestPayload)
    _ = queue.tx.release(slots: wantedAnswers.span, now: scene.time)
    witness.end(&seen)
    finishTurn(scene.isObserved ? .observed : .exact)
    putBack(ahead)
  }
}
