import Netif
import XenInterface

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
  private let grant: UInt32
  /// Where those behind the first ones lie in the page.
  private let rest: Range<Int>

  /// Whether there are octets behind the first ones.
  var isHeld: Bool { !rest.isEmpty }

  /// Looks at the page of a slot.
  ///
  /// - Parameters:
  ///   - linear: octets that are still to be copied: where there are any, Xen is asked to copy, be it nothing.
  ///   - isMapped: whether what lies behind the first octets comes by an operation of its own, with `map`.
  init(
    _ answer: ModelAnswer, _ part: ModelPacket.Part, linear: Int, isMapped: Bool,
    _ pages: TxModel.Pages
  ) {
    self.answer = answer
    grant = part.request.grant.rawValue
    let start = Int(part.request.offset)
    let middle = start + min(linear, part.octets)
    rest = middle..<start + part.octets
    let page = linear > 0 || !isMapped ? pages(grant) : nil
    if linear > 0 { copied = Octets(page, start..<middle) }
    if isHeld, !isMapped { mapped = Octets(page, rest) }
  }

  /// Maps the page.
  mutating func map(_ pages: TxModel.Pages) { mapped = Octets(pages(grant), rest) }

  /// It is not mapped, though it could be.
  mutating func failMap() { mapped = .refused }
}
