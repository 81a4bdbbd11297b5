import KernelTap
import Netif
import TraceFormat
import XenInterface
import XenRing

extension KernelEvents {
  /// Hands over a call of the backend's: nothing else stands between its events.
  func finishControl(_ record: TapControlSlots) {
    guard let messages = controlTrack?.finish(record) else {
      drop()
      return lose()
    }
    for message in messages where !message.isSeen {
      let index = message.index.rawValue
      note("control message \(index) was answered before its arguments were seen", 0)
    }
    emit(0, .pollBegin(ring: .control, budget: UInt32(messages.count)))
    emit(0, .requestProducer(ring: .control, index: record.ring.requestProducer))
    for message in messages { say(message) }
    emit(0, .responseProducer(ring: .control, index: record.ring.privateProducer))
    emit(
      0,
      .pollEnd(
        ring: .control, consumer: record.ring.requestConsumer,
        producer: record.ring.privateProducer, packets: UInt32(messages.count)))
  }

  private func say(_ message: KernelControlTrack.Message) {
    emit(0, .slot(ring: .control, index: message.index, message.request))
    for copy in message.copies {
      guard let grant = copy.source.grant else { continue }
      let operand = TraceEvent.GrantOperand(
        grant: grant, offset: copy.source.offset, length: copy.length)
      let status = GrantStatus(rawValue: copy.status)
      emit(0, .grantCopy(operand, direction: .fromGuest, status: status))
    }
    sayContents(message)
    let words = message.response.words
    emit(
      0,
      .controlResponse(index: message.index, word0: words[0], word1: words[1], word2: words[2]))
  }

  private func sayContents(_ message: KernelControlTrack.Message) {
    guard let first = message.copies.first, let grant = first.source.grant,
      !message.contents.isEmpty, message.copies.allSatisfy({ $0.status == 0 })
    else { return }
    let count = UInt16(clamping: message.contents.count)
    let operand = TraceEvent.GrantOperand(
      grant: grant, offset: first.source.offset, length: count, captured: count)
    emit(0, .memory(operand), message.contents[...])
  }
}
