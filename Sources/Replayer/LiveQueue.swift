import Netback
import Netfront
import Netif
import RingCases
import TraceFormat
import XenInterface
import XenRing

/// One queue of the guest's, on rings that a live backend serves.
///
/// The slots are the trace's, but for what this world gives: the references, and the ids, each of which
/// names its slot. The ring begins at index 0, as every guest's does.
struct LiveQueue {
  let front: FrontQueue
  let receiver: RxReceiver
  /// What has come for the guest.
  var arrivals: [Result<ReceivedFrame, RxFault>] = []
  /// The backend's producer where it has answered more than the RX ring holds.
  var rxBeyond: RingIndex?
  private var slots: GuestSlots
  private var walker = TxSlotWalker()
  private var taken: [PollScene.DataSlot] = []
  /// The trace's index of slot 0.
  private let start: RingIndex
  /// By their places: the slots that are not answered, with the trace's indices.
  private var asked = [RingIndex?](repeating: nil, count: GuestSlots.count)
  /// The request that was answered last, and the NULLs since.
  private var answered: (request: RingIndex, nulls: UInt32)?

  /// Takes the guest's half of a queue; `headers` is the recorded one's header area.
  init(_ front: FrontQueue, from snapshot: QueueSnapshot, headers: HeaderArea?) {
    self.front = front
    receiver = RxReceiver(front)
    let area = front.headerPages.flatMap { own in headers.map { HeaderSlots(own, for: $0) } }
    slots = GuestSlots(front.txPages, ring: 0, headers: area)
    start = snapshot.tx.requestConsumer
    receiver.refill()
  }

  /// Does what the guest did for a poll, and waits for what comes of it.
  mutating func play(
    _ batch: TxBatch, fillingCuts: Bool, on vif: CaseVif, _ path: VifPath
  ) throws(CaseError) -> LiveOutcome {
    var outcome = LiveOutcome(asked: batch.slots.map(\.index))
    put(batch, fillingCuts: fillingCuts, &outcome)
    let claimed = own(batch.claimed)
    front.tx.publish(claiming: claimed)
    rest(until: claimed, on: vif, path, &outcome)
    outcome.seesFrames = vif.backend.seesFrames
    for digest in try vif.backend.takeFrames(of: path) {
      let frame = TraceEvent.FrameRecord(
        length: digest.length, captured: 0, offload: FrameOffload())
      let first = batch.slots.first?.index ?? batch.claimed
      outcome.events.append(LiveEvent(.delivered(frame, request: first), digest))
    }
    return outcome
  }

  private func own(_ index: RingIndex) -> RingIndex {
    RingIndex(rawValue: index.distance(from: start))
  }
}

// MARK: - Slots

extension LiveQueue {
  private mutating func put(_ batch: TxBatch, fillingCuts: Bool, _ outcome: inout LiveOutcome) {
    for slot in batch.slots { put(slot.index, slot.words, batch.scene) }
    guard let first = batch.slots.first?.index else { return }
    slots.find(&taken, from: first, to: first.advanced(by: UInt32(batch.slots.count)))
    var scene = batch.scene
    outcome.isExcused = scene.failures(taken).contains { !slots.canExpress($1, at: $0) }
    if fillingCuts { slots.fill(taken) }
    outcome.memory = slots.write(memoryOf: batch.turn, for: taken, &scene)
  }

  private mutating func put(
    _ index: RingIndex, _ words: TraceEvent.Words, _ scene: PollScene
  ) {
    let kind = walker.take([words.w0, words.w1, words.w2, 0])
    let isBad = scene.failsBadly(GrantReference(rawValue: words.w0))
    var slot = slots.resolve(words, at: index, kind: kind, isBad: isBad)
    slot[2] = slot[2] & 0xffff_0000 | own(index).rawValue & 0xffff
    front.tx.put(words: slot)
    asked[GuestSlots.place(of: index)] = index
  }
}

// MARK: - Answers

extension LiveQueue {
  /// Waits until all is answered, or the guest is cut off. A backend need not say that it has cut
  /// the guest off: then it answers no more.
  private mutating func rest(
    until claimed: RingIndex, on vif: CaseVif, _ path: VifPath, _ outcome: inout LiveOutcome
  ) {
    let tx = front.tx
    let rests = vif.wait(atMost: vif.patience.rest) {
      takeAnswers(&outcome)
      if tx.responseConsumer != claimed, vif.backend.isDisabled(path) { outcome.isCutOff = true }
      return outcome.isCutOff || tx.responseConsumer == claimed
    }
    if outcome.isCutOff || !rests {
      outcome.isCutOff = true
      vif.wait(vif.patience.grace)
      takeAnswers(&outcome)
    } else {
      // Frames may still be on their way until the backend sleeps.
      let asleep = claimed.advanced(by: 1)
      _ = vif.wait(atMost: vif.patience.grace) { tx.requestEvent == asleep }
      outcome.isCutOff = vif.backend.isDisabled(path)
    }
  }

  private mutating func takeAnswers(_ outcome: inout LiveOutcome) {
    receive()
    let beyond = front.tx.takeAnswers { take($0, &outcome) }
    guard let beyond, !outcome.isCutOff else { return }
    outcome.strays.append(LiveEvent(.responseProducer(ring: .tx, index: recorded(beyond))))
    outcome.isCutOff = true
  }

  private func recorded(_ index: RingIndex) -> RingIndex { start.advanced(by: index.rawValue) }

  private mutating func take(_ slot: TakenSlot, _ outcome: inout LiveOutcome) {
    let response = TxResponse(words: slot.words)
    let index = recorded(slot.index)
    let request = response.status == .null ? nullRequest() : answeredRequest(response.id)
    let event = LiveEvent(
      .txResponse(
        index: index, request: request ?? index, id: response.id, status: response.status))
    if request == nil { outcome.strays.append(event) } else { outcome.events.append(event) }
  }

  /// The slot that a NULL is for: the next one behind the request that was answered last.
  private mutating func nullRequest() -> RingIndex? {
    guard let last = answered else { return nil }
    answered?.nulls += 1
    return last.request.advanced(by: last.nulls + 1)
  }

  private mutating func answeredRequest(_ id: UInt16) -> RingIndex? {
    let place = GuestSlots.place(of: recorded(RingIndex(rawValue: UInt32(id))))
    guard let request = asked[place], own(request).rawValue & 0xffff == UInt32(id) else {
      return nil
    }
    asked[place] = nil
    answered = (request, 0)
    return request
  }
}

extension FrontChannel {
  /// Takes the answers that have come, one after the other.
  ///
  /// - Returns: the backend's producer where it claims more than a ring holds.
  func takeAnswers(_ take: (TakenSlot) -> Void) -> RingIndex? {
    do throws(RingViolation) {
      while let slot = try takeResponse() { take(slot) }
      return nil
    } catch {
      switch error {
      case .producerTooFar(let distance, _): return responseConsumer.advanced(by: distance)
      }
    }
  }
}
