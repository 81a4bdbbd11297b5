import Netfront
import Netif
import RingCases
import TraceFormat
import XenInterface
import XenRing

/// The guest's control ring, which a live backend serves. It begins at index 0.
struct LiveControl {
  private let ring: FrontChannel<ControlRequest, ControlResponse>
  /// What the messages that were put last point at.
  private var pages: (any GrantedPages)?

  /// Takes the guest's half.
  init(_ channel: ControlChannel) { ring = channel.ring }

  /// Puts messages on the ring, as many at once as it holds, and waits for their answers.
  mutating func play(
    _ batch: ControlBatch, on vif: CaseVif, _ path: VifPath
  ) throws(CaseError) -> LiveOutcome {
    var outcome = LiveOutcome()
    outcome.isExcused = batch.isExcused
    var left = batch.messages[...]
    repeat {
      let chunk = left.prefix(Int(ring.freeRequests))
      left = left.dropFirst(chunk.count)
      try put(chunk, on: vif)
      let claimed = ring.requestProducer.advanced(by: left.isEmpty ? batch.beyond : 0)
      ring.publish(claiming: claimed)
      rest(until: claimed, batch, on: vif, path, &outcome)
    } while !left.isEmpty && !outcome.isCutOff
    return outcome
  }

  private mutating func put(
    _ messages: ArraySlice<ControlBatch.Message>, on vif: CaseVif
  ) throws(CaseError) {
    let contents = messages.compactMap(\.page)
    pages = contents.isEmpty ? nil : try vif.share(contents, access: .readOnly)
    var grants = (pages?.grants ?? [])[...]
    for message in messages {
      var words = message.words
      if message.page != nil, let grant = grants.popFirst() { words[1] = grant.rawValue }
      ring.put(words: words)
    }
  }

  /// Waits until all is answered, or the guest is cut off: a backend that answers no more has done
  /// that.
  private func rest(
    until claimed: RingIndex, _ batch: ControlBatch, on vif: CaseVif, _ path: VifPath,
    _ outcome: inout LiveOutcome
  ) {
    let rests = vif.wait(atMost: vif.patience.rest) {
      takeAnswers(batch, &outcome)
      if ring.responseConsumer != claimed, vif.backend.isDisabled(path) { outcome.isCutOff = true }
      return outcome.isCutOff || ring.responseConsumer == claimed
    }
    guard outcome.isCutOff || !rests else { return }
    outcome.isCutOff = true
    vif.wait(vif.patience.grace)
    takeAnswers(batch, &outcome)
  }

  /// Answers come in the order of the messages.
  private func takeAnswers(_ batch: ControlBatch, _ outcome: inout LiveOutcome) {
    let beyond = ring.takeAnswers { slot in
      let place = outcome.events.count
      let index = batch.messages.indices.contains(place) ? batch.messages[place].index : slot.index
      let words = slot.words
      outcome.events.append(
        LiveEvent(
          .controlResponse(index: index, word0: words[0], word1: words[1], word2: words[2])))
    }
    guard let beyond, !outcome.isCutOff else { return }
    outcome.strays.append(LiveEvent(.responseProducer(ring: .control, index: beyond)))
    outcome.isCutOff = true
  }
}
