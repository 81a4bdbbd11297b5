import Netif
import TraceFormat
import XenRing

/// The flow hashes of a vif. One that was computed over addresses says something of them, so it is
/// computed again over those that stand in their place.
struct FlowHashes {
  private static let mostKeys = 16
  private static let mostHashes = 4096

  /// The keys that the guest has set so far, the newest last.
  private var keys = [ToeplitzKey()]
  /// The octets of a key that a control message brings, and how many it has.
  private var coming: (octets: [UInt8], count: Int)?
  /// Replacements of hashes of frames for the guest: the newest ones, and those before.
  private var newest: [UInt32: UInt32] = [:]
  private var older: [UInt32: UInt32] = [:]

  /// Notes a key that was set.
  mutating func take(key octets: [UInt8]) {
    guard octets.count <= ToeplitzKey.octetCount else { return }
    let key = ToeplitzKey(octets.span.octets)
    keys.removeAll { $0 == key }
    keys.append(key)
    if keys.count > Self.mostKeys { keys.removeFirst() }
  }

  /// Notes a control message.
  mutating func take(message words: TraceEvent.Words) {
    let isKey = ControlMessage(rawValue: UInt16(truncatingIfNeeded: words.w0 >> 16)) == .setHashKey
    coming = isKey ? ([], Int(words.w2)) : nil
  }

  /// Notes what the page of a control message had, or a part of it.
  mutating func take(page octets: [UInt8]) {
    guard let (before, count) = coming else { return }
    let known = before + octets
    coming = (known, count)
    if known.count >= count { take(key: Array(known.prefix(count))) }
  }

  /// What stands in place of a hash that came with a frame for the guest.
  mutating func replace(
    _ hash: FlowHash, of frame: ReplacedFrame, _ replacement: Replacement
  ) -> FlowHash {
    var hash = hash
    let value = computed(hash, frame, replacement) ?? replacement.flowHash(for: hash.value)
    if newest.count >= Self.mostHashes {
      older = newest
      newest.removeAll(keepingCapacity: true)
    }
    newest[hash.value] = value
    hash.value = value
    return hash
  }

  /// What stands in place of the same hash when the guest is told of it.
  func replacement(of value: UInt32, _ replacement: Replacement) -> UInt32 {
    newest[value] ?? older[value] ?? replacement.flowHash(for: value)
  }

  private func computed(
    _ hash: FlowHash, _ frame: ReplacedFrame, _ replacement: Replacement
  ) -> UInt32? {
    guard case .keyed = replacement, hash.type < 4 else { return nil }
    let types = HashTypes(rawValue: 1 << UInt32(hash.type))
    guard let flow = FlowKey(frame.original.span.octets, types: types),
      let key = keys.last(where: { flow.hash(with: $0) == hash })
    else { return nil }
    return FlowKey(frame.octets.span.octets, types: types)?.hash(with: key).value
  }
}
