import Netif
import XenInterface
import XenRing

/// What a guest changed in a TX slot between its publication and its use.
///
/// Grants, ids and flags are compared. The kernel itself moves offset and size where it parts a
/// slot, so they tell nothing.
struct SlotChange: Hashable, CustomStringConvertible {
  /// The slot.
  let index: RingIndex
  /// As the recorder saw it published.
  let published: TxRequest
  /// As the backend has it.
  let used: TxRequest

  /// Compares the two; `nil` when nothing was changed.
  init?(of index: RingIndex, from published: TxRequest, to used: TxRequest) {
    guard
      published.grant != used.grant || published.id != used.id || published.flags != used.flags
    else { return nil }
    self.index = index
    self.published = published
    self.used = used
  }

  /// A sentence for a note.
  var description: String {
    "the guest changed TX slot \(index.rawValue) after publishing it: "
      + "\(Self.words(published)) became \(Self.words(used))"
  }

  private static func words(_ request: TxRequest) -> String {
    "grant \(request.grant.rawValue) id \(request.id) flags \(request.flags.rawValue)"
  }
}

extension TxRequest {
  /// Reads the three words of a request as the tap hands them over.
  init(tap words: [UInt32]) { self.init(words: [words[0], words[1], words[2], 0]) }
}
