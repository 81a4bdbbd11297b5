import Netif
import TraceFormat
import XenRing

extension VifSnapshot {
  /// The same with its addresses and flow hashes replaced.
  func redacted(_ replacement: Replacement) -> VifSnapshot {
    var redacted = self
    redacted.multicast = multicast.map(replacement.address)
    redacted.keys = keys.map { Key(name: $0.name, value: replacement.text(for: $0.value)) }
    redacted.queues = queues.map { $0.redacted(replacement) }
    return redacted
  }
}

extension QueueSnapshot {
  fileprivate func redacted(_ replacement: Replacement) -> QueueSnapshot {
    var redacted = self
    var table = TxSlotTable(at: tx.requestConsumer)
    for place in txSlots.indices {
      let kind = table.take(txSlots[place].words, at: txSlots[place].index)
      if kind == .extra { redacted.txSlots[place].words.redact(replacement) }
    }
    return redacted
  }
}

extension TraceEvent.Words {
  /// Replaces what an extra info on TX says of somebody.
  mutating func redact(_ replacement: Replacement) {
    guard let slot = try? ExtraInfoSlot(words: [w0, w1, w2, w3]) else { return }
    let info: ExtraInfo
    switch slot.info {
    case .multicastAdd(let address): info = .multicastAdd(replacement.address(for: address))
    case .multicastDelete(let address): info = .multicastDelete(replacement.address(for: address))
    case .hash(let type, let algorithm, let value):
      info = .hash(type: type, algorithm: algorithm, value: replacement.flowHash(for: value))
    case .gso, .xdp: return
    }
    let words = ExtraInfoSlot(info, hasMore: slot.hasMore).words
    w0 = w0 & 0xffff | words[0] & 0xffff_0000
    w1 = words[1]
  }
}
