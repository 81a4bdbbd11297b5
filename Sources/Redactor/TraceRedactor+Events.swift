import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

extension TraceRedactor {
  /// Does what can be done with an event as it comes; what has to wait says so.
  mutating func redact(_ entry: inout RedactedEvent) {
    let name = Lane.Name(entry.event)
    switch entry.event.body {
    case .grantCopy, .memory, .delivered: redactTransfer(&entry, in: name)
    case .taken(let frame): entry.event.body = .taken(redact(frame, &entry))
    case .dropped(let frame): entry.event.body = .dropped(redact(frame, &entry))
    case .slot(let ring, let index, let words):
      let words = redact(words, of: ring, at: index, in: name)
      entry.event.body = .slot(ring: ring, index: index, words)
    case .rxResponse(let index, let word0, let word1):
      let hash = lanes[name, default: Lane()].takeAnswer(word0, word1)
      entry.event.body = .rxResponse(
        index: index, word0: word0, word1: hash.map { told($0, in: name) } ?? word1)
    case .key(let side, _):
      entry.event.body = .key(of: side, length: redactText(&entry))
    case .note: entry.event.body = .note(length: redactText(&entry))
    case .snapshot: redactSnapshot(&entry)
    default: break
    }
  }

  /// Whatever stands between begin and end of a poll of the control ring is of that poll.
  private mutating func redactTransfer(_ entry: inout RedactedEvent, in name: Lane.Name) {
    let isOfControlRing = name.queue == 0 && inControlPoll.contains(name.vif)
    switch entry.event.body {
    case .memory where isOfControlRing:
      hashes[name.vif, default: FlowHashes()].take(page: entry.payload)
    case .grantCopy(let operand, .fromGuest, _) where !isOfControlRing:
      lanes[name, default: Lane()].parts.append(.copy(operand))
    case .memory, .delivered:
      entry.state = .waiting
      lanes[name, default: Lane()].parts.append(.octets(entry.number))
    default: break
    }
  }

  /// A frame for the guest.
  private mutating func redact(
    _ record: TraceEvent.FrameRecord, _ entry: inout RedactedEvent
  ) -> TraceEvent.FrameRecord {
    let frame = ReplacedFrame(entry.payload, length: Int(clamping: record.length), replacement)
    let isPartial = record.offload.checksum == .partial
    entry.take(
      frame.finished(isPartial: isPartial, replacement), upTo: cut.limit(of: frame.layout))
    var record = record
    record.captured = UInt32(clamping: entry.payload.count)
    if let replacement, let hash = record.offload.hash {
      record.offload.hash = hashes[entry.event.vif, default: FlowHashes()].replace(
        hash, of: frame, replacement)
    }
    return record
  }

  private mutating func redact(
    _ words: TraceEvent.Words, of ring: TraceRing, at index: RingIndex, in name: Lane.Name
  ) -> TraceEvent.Words {
    var words = words
    switch ring {
    case .tx:
      let kind = lanes[name, default: Lane()].slots.take(words, at: index)
      if kind == .extra, let replacement { words.redact(replacement) }
    case .control: hashes[name.vif, default: FlowHashes()].take(message: words)
    case .rx: break
    }
    return words
  }

  /// The flow hash that the guest is told.
  private func told(_ hash: UInt32, in name: Lane.Name) -> UInt32 {
    guard let replacement else { return hash }
    return hashes[name.vif]?.replacement(of: hash, replacement) ?? replacement.flowHash(for: hash)
  }

  /// - Returns: how long the text is now.
  private func redactText(_ entry: inout RedactedEvent) -> UInt32 {
    if let replacement { entry.payload = replacement.text(for: entry.payload) }
    return UInt32(clamping: entry.payload.count)
  }

  /// One that cannot be read is left out: nobody knows what it says.
  private mutating func redactSnapshot(_ entry: inout RedactedEvent) {
    let vif = try? VifSnapshot(encoded: entry.payload.span.octets)
    if let vif { begin(vif, entry.event.vif) }
    let redacted = replacement.flatMap { vif?.redacted($0) } ?? vif
    entry.payload = redacted?.encoded() ?? []
    entry.event.body = .snapshot(length: UInt32(clamping: entry.payload.count))
  }

  /// Goes on from what a snapshot says.
  mutating func begin(_ vif: VifSnapshot, _ place: UInt16) {
    hashes[place, default: FlowHashes()].take(key: vif.hash.key)
    for (queue, snapshot) in vif.queues.enumerated() {
      let name = Lane.Name(vif: place, queue: UInt16(clamping: queue))
      lanes[name] = Lane(snapshot, vif.headerPages(ofQueue: queue))
    }
  }
}
