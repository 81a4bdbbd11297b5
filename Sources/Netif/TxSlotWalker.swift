public import XenRing

/// Tells data slots from extra infos, slot by slot in ring order: only the former name a page.
///
/// It looks at flags alone and judges nothing; that is `TxAssembler`'s part.
public struct TxSlotWalker: Sendable {
  /// What a slot is.
  public enum Kind: Sendable {
    /// The first slot of a packet.
    case head
    /// A further data slot.
    case data
    /// An extra info.
    case extra
  }

  private enum Stage { case head, extras, data }

  private var stage = Stage.head
  private var goesOn = false
  private var isMulticast = false

  /// Starts at the first slot of a packet.
  public init() {}

  /// Whether the next slot is the first of a packet.
  public var isAtHead: Bool { stage == .head }

  /// Looks at the next slot.
  public mutating func take(_ words: SlotWords) -> Kind {
    switch stage {
    case .head: takeHead(TxRequest(words: words))
    case .extras: takeExtra(words)
    case .data: takeData(TxRequest(words: words))
    }
  }

  private mutating func takeHead(_ request: TxRequest) -> Kind {
    goesOn = request.flags.contains(.moreData)
    isMulticast = false
    stage = request.flags.contains(.extraInfo) ? .extras : goesOn ? .data : .head
    return .head
  }

  private mutating func takeExtra(_ words: SlotWords) -> Kind {
    let type = words[0] & 0xff
    if type == 2 || type == 3 { isMulticast = true }
    if words[0] >> 8 & 1 == 0 { stage = goesOn && !isMulticast ? .data : .head }
    return .extra
  }

  private mutating func takeData(_ request: TxRequest) -> Kind {
    if !request.flags.contains(.moreData) { stage = .head }
    return .data
  }
}
