import Netif

/// What is done for a data slot of an accepted packet.
struct ModelPiece {
  /// Octets of a page that the backend asks Xen for.
  enum Octets {
    /// It does not.
    case unasked
    /// The guest does not let it read the page.
    case refused
    /// It has them.
    case read(ArraySlice<UInt8>)

    init(_ page: [UInt8]?, _ range: Range<Int>) { self = page.map { .read($0[range]) } ?? .refused }

    var isAsked: Bool { if case .unasked = self { false } else { true } }
    var isRefused: Bool { if case .refused = self { true } else { false } }
    /// Those that it has.
    var octets: ArraySlice<UInt8> { if case .read(let octets) = self { octets } else { [] } }
  }

  /// The answer, if nothing fails.
  let answer: ModelAnswer
  /// The first octets.
  private(set) var copied = Octets.unasked
  /// Those behind them.
  private(set) var mapped = Octets.unasked

  /// Looks at the page of a slot.
  ///
  /// - Parameter linear: octets that are still to be copied: where there are any, Xen is asked to copy, be it
  ///   nothing.
  init(_ answer: ModelAnswer, _ part: ModelPacket.Part, linear: Int, page: [UInt8]?) {
    self.answer = answer
    let start = Int(part.request.offset)
    let (middle, end) = (start + min(linear, part.octets), start + part.octets)
    if linear > 0 { copied = Octets(page, start..<middle) }
    if middle < end { mapped = Octets(page, middle..<end) }
  }
}
