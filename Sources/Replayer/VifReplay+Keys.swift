import Netback
import Netif
import TraceFormat
import XenRing

extension VifReplay {
  /// Takes a key of the frontend's that the backend has read: what it changes while the rings are there. What it
  /// says before is in the snapshot of the connection, too.
  func take(key payload: RawSpan) {
    if let headroom = VifSnapshot.headroom(key: payload) { leave(headroom: headroom) }
  }
}

extension VifSnapshot {
  /// Octets that stay free before the data in each page for the guest; `nil` when a page has no room
  /// for so many.
  var headroom: UInt16? {
    guard let key = keys.first(where: { $0.name == Key.headroom }) else { return 0 }
    return Self.headroom(key.value)
  }

  /// The same as a key of the frontend's tells it; `nil` for another key, too.
  static func headroom(key payload: RawSpan) -> UInt16? {
    let words = String(decoding: payload.array, as: UTF8.self).split(separator: "=", maxSplits: 1)
    guard words.count == 2, words[0] == Key.frontendHeadroom else { return nil }
    return headroom(words[1])
  }

  /// The same as a key has it.
  private static func headroom(_ value: some StringProtocol) -> UInt16? {
    guard let octets = UInt16(value), octets < RingLayout.pageSize else { return nil }
    return octets
  }
}
