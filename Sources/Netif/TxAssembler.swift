import XenInterface
public import XenRing

/// Slots in, packets or a violation out. It knows nothing of grants, time or memory.
///
/// It is handed one slot at a time and follows Linux's order of checks (`xenvif_tx_build_gops`,
/// `xenvif_get_extras`, `xenvif_count_requests`), so that of two broken rules the same one is named.
public struct TxAssembler: ~Copyable {
  /// What a slot led to.
  public enum Step: Sendable {
    /// The packet goes on: hand in the next slot, or say that there is none.
    case incomplete
    /// A packet is complete: `head`, `extras` and, of each data slot, `fragment` and `id` describe it.
    case packet
    /// A packet that only carries a multicast request; its data does not matter.
    case multicast
    /// The packet is refused; `id` and `extras` say which slots to answer.
    case rejected(TxRejection)
    /// The guest is to be cut off.
    case violation(TxViolation)
  }

  @usableFromInline enum Stage { case head, extras, data }

  /// What it judges by.
  public let rules: TxRules
  private let headerArea: HeaderArea?
  /// Flags that say that there is more to a packet than the data its first slot names.
  @usableFromInline let further: TxFlags
  @usableFromInline private(set) var stage = Stage.head
  private var rejection: TxRejection?
  /// What is left of the total: in the end, the first slot's own size.
  private var remaining: UInt16 = 0

  /// The first request of the packet as written; its size is the total.
  public private(set) var head = TxRequest(words: SlotWords(repeating: 0))
  /// The packet's extra infos.
  public private(set) var extras = TxExtras()
  // Not inline arrays: reading one element of those copies all of them.
  @usableFromInline private(set) var fragments: PlainList<TxFragment>
  @usableFromInline private(set) var ids: PlainList<UInt16>
  /// Data slots so far.
  public private(set) var dataSlots = 0

  /// Makes an assembler that waits for a packet's first slot.
  ///
  /// - Parameters:
  ///   - rules: what it judges by.
  ///   - headerArea: where header slots are; without one their flag is as any unknown one.
  public init(rules: TxRules, headerArea: HeaderArea? = nil) {
    self.rules = rules
    self.headerArea = headerArea
    further = headerArea == nil ? [.moreData, .extraInfo] : [.moreData, .extraInfo, .headerSlot]
    fragments = PlainList(repeating: .empty, count: rules.mostSlots)
    ids = PlainList(repeating: 0, count: Int(NetifLimits.ringSize))
  }

  /// Whether the next slot would be the first one of a packet.
  @inlinable public var isAtPacketStart: Bool { stage == .head }

  /// What data slot `ordinal` of a complete packet brings.
  ///
  /// - Precondition: `ordinal` is less than `dataSlots`.
  @inlinable public func fragment(_ ordinal: Int) -> TxFragment { fragments[ordinal] }

  /// The id of data slot `ordinal`.
  ///
  /// - Precondition: `ordinal` is less than `dataSlots`.
  @inlinable public func id(_ ordinal: Int) -> UInt16 { ids[ordinal] }

  /// What a packet brings that is complete with its first slot, has no extra infos and is refused by no
  /// rule, as most are; the packet needs nothing else of the assembler. `nil` for all others, and within a
  /// packet: `take` tells them apart.
  @inlinable public func whole(_ request: TxRequest) -> TxFragment? {
    guard isAtPacketStart, request.flags.isDisjoint(with: further), request.size >= rules.minimum
    else { return nil }
    return TxFragment(request, size: request.size)
  }

  /// Takes the next slot of the ring.
  public mutating func take(_ words: SlotWords) -> Step {
    switch stage {
    case .head: takeHead(TxRequest(words: words))
    case .extras: takeExtra(words)
    case .data: takeData(TxRequest(words: words))
    }
  }

  /// Forgets the packet under way.
  package mutating func restart() { stage = .head }

  /// What it means that the packet goes on and no further slot is published.
  ///
  /// - Precondition: the packet goes on.
  public mutating func endOfPublishedSlots() -> TxViolation? {
    guard rules.requiresPromised else { return nil }
    return stage == .extras ? .missingExtra : .missingSlot
  }

  private mutating func takeHead(_ request: TxRequest) -> Step {
    head = request
    remaining = request.size
    rejection = nil
    dataSlots = 1
    ids[0] = request.id
    extras = TxExtras()
    guard request.flags.contains(.extraInfo) else { return afterExtras() }
    stage = .extras
    return .incomplete
  }

  private mutating func takeExtra(_ words: SlotWords) -> Step {
    let slot: ExtraInfoSlot
    do throws(TxViolation) { slot = try ExtraInfoSlot(words: words) } catch {
      guard rules.checksExtraType else { return afterExtras() }
      return .violation(error)
    }
    extras.take(slot.info)
    return slot.hasMore ? .incomplete : afterExtras()
  }

  private mutating func afterExtras() -> Step {
    stage = .head
    // Linux looks at nothing else of such a packet, not even at more-data.
    if extras.multicastAdd != nil || extras.multicastDelete != nil { return .multicast }
    guard head.flags.contains(.moreData) else { return finish() }
    stage = .data
    return .incomplete
  }
}

extension TxAssembler {
  private mutating func takeData(_ request: TxRequest) -> Step {
    let ordinal = dataSlots - 1  // continuation slots before this one
    if ordinal >= rules.fatalContinuations { return .violation(.maliciousSlotCount(ordinal)) }
    if ordinal >= rules.continuations { reject(.tooManySlots(ordinal + 2)) }
    if request.size > remaining, rules.checksSum {
      reject(.sizeExceedsTotal(size: request.size, remaining: remaining))
    }
    remaining &-= request.size
    if dataSlots < ids.count { ids[dataSlots] = request.id }
    if let violation = keep(request) { return .violation(violation) }
    dataSlots += 1
    guard request.flags.contains(.moreData) else { return finish() }
    return .incomplete
  }

  private mutating func keep(_ request: TxRequest) -> TxViolation? {
    guard let fragment = fragment(request, size: request.size) else {
      if rules.cutsOff { return .pageCrossing(offset: request.offset, size: request.size) }
      reject(.pageCrossing(offset: request.offset, size: request.size))
      return nil
    }
    if dataSlots < fragments.count { fragments[dataSlots] = fragment }
    return nil
  }

  /// What a slot brings; `nil` when it runs over the end of its page.
  private func fragment(_ request: TxRequest, size: UInt16) -> TxFragment? {
    if let fragment = TxFragment(request, size: size) { return fragment }
    return rules.checksPages ? nil : TxFragment(unjudged: request, size)
  }

  /// The first reason counts, as in Linux.
  private mutating func reject(_ reason: TxRejection) {
    if rejection == nil { rejection = reason }
  }

  private mutating func finish() -> Step {
    stage = .head
    if let rejection { return .rejected(rejection) }
    guard remaining >= rules.minimum else { return .rejected(.tooShort(remaining)) }
    if let headerArea, head.flags.contains(.headerSlot) {
      guard let first = headerArea.fragment(head, size: remaining) else {
        return .rejected(.badHeaderSlot(head.grant.rawValue))
      }
      fragments[0] = first
    } else {
      guard let first = fragment(head, size: remaining) else {
        return refuse(
          .pageCrossing(offset: head.offset, size: remaining),
          .pageCrossing(offset: head.offset, size: remaining))
      }
      fragments[0] = first
    }
    guard let gso = extras.segmentation else { return .packet }
    if gso.size == 0, rules.checksSegmentSize {
      return refuse(.zeroSegmentSize, .invalidSegmentation)
    }
    let isKnown = gso.type == Segmentation.tcpv4 || gso.type == Segmentation.tcpv6
    guard isKnown || !rules.checksSegmentType else {
      return refuse(.invalidSegmentationType(gso.type), .invalidSegmentation)
    }
    return .packet
  }

  /// Linux cuts the guest off where the protocol's text refuses the packet.
  private func refuse(_ violation: TxViolation, _ rejection: TxRejection) -> Step {
    rules.cutsOff ? .violation(violation) : .rejected(rejection)
  }
}
