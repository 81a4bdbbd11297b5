import Netif
import XenInterface
import XenRing

/// What a request says of its page.
struct PageWish: Sendable {
  var grant: GrantReference
  /// Whether it may stay mapped.
  var persists: Bool
}

/// What a poll is to do: copies and maps, and what they mean. Reused from poll to poll.
struct TxPlan: ~Copyable {
  private(set) var copies = PlainList<GrantCopy>(room: Int(NetifLimits.ringSize))
  var maps: [GrantMap] = []
  private(set) var slots = PlainList<PlannedSlot>(room: Int(NetifLimits.ringSize))
  private(set) var packets = PlainList<PlannedPacket>(room: Int(NetifLimits.ringSize))
  /// The frame of each packet, as far as it is copied.
  var frames = PlainList<TxFrame>(room: Int(NetifLimits.ringSize))
  /// What the slots say of their pages, where it counts (`DataPath.persistent`).
  private(set) var wishes: [PageWish] = []
  /// Octets that the copies bring.
  private(set) var fill: UInt32 = 0

  /// Forgets a finished poll, keeping the storage.
  mutating func reset() {
    copies.removeAll()
    if !maps.isEmpty { maps.removeAll(keepingCapacity: true) }
    slots.removeAll()
    packets.removeAll()
    frames.removeAll()
    if !wishes.isEmpty { wishes.removeAll(keepingCapacity: true) }
    fill = 0
  }

  /// Runs `body` over the copies, which it fills in.
  mutating func withCopies(_ body: (inout MutableSpan<GrantCopy>) -> Void) {
    var operations = copies.mutableSpan
    body(&operations)
  }

  /// Plans a packet of one slot that is copied whole and answered with its poll.
  ///
  /// - Parameters:
  ///   - fragment: what it brings, at least an octet.
  ///   - request: its slot.
  @inline(__always)
  mutating func add(
    _ fragment: TxFragment, of request: TxRequest, head: RingIndex, path: DataPath
  ) {
    if path == .persistent { wish(for: fragment) }
    // Places are below the ring's size.
    packets.append(.whole(copy: UInt16(truncatingIfNeeded: copies.count), id: request.id))
    frames.append(
      TxFrame(
        head: head, start: fill, length: UInt32(fragment.size),
        offload: FrameOffload(checksum: request.flags.checksum)))
    addCopy(of: fragment, count: fragment.size)
  }

  @inline(never)
  private mutating func wish(for fragment: TxFragment) {
    wishes.append(PageWish(grant: fragment.grant, persists: fragment.persists))
  }

  @inline(__always)
  private mutating func addCopy(of fragment: TxFragment, count: UInt16) {
    copies.append(
      GrantCopy(
        grant: fragment.grant, pageOffset: fragment.offset, length: count, bufferOffset: fill))
    fill += UInt32(count)
  }

  /// Plans the packet that `assembler` has completed (Linux: `xenvif_get_requests`).
  ///
  /// - Parameters:
  ///   - head: index of the packet's first slot.
  ///   - path: how its data comes.
  ///   - answers: takes the answers that empty slots get at once.
  mutating func add(
    // Changed by nobody: one that is borrowed is copied.
    _ assembler: inout TxAssembler, head: RingIndex, path: DataPath,
    answers: inout PlainList<TxAnswer>
  ) {
    let (firstSlot, firstMap, start) = (slots.count, maps.count, fill)
    var linear = linearLength(assembler)
    var firstHeld = firstSlot
    for ordinal in 0..<assembler.dataSlots {
      firstHeld = add(ordinal, of: &assembler, head, path, &linear, &answers) ?? firstHeld
    }
    packets.append(
      .run(
        PlannedRun(
          slots: firstSlot..<slots.count, firstHeld: firstHeld, maps: firstMap..<maps.count)))
    frames.append(
      TxFrame(head: head, start: start, length: fill &- start, offload: assembler.offload))
  }

  /// Plans data slot `ordinal`, with `linear` octets of the linear area still to come.
  ///
  /// - Returns: the place behind it if it lies wholly in the linear area.
  @inline(__always)
  private mutating func add(
    _ ordinal: Int, of assembler: inout TxAssembler, _ head: RingIndex, _ path: DataPath,
    _ linear: inout UInt16, _ answers: inout PlainList<TxAnswer>
  ) -> Int? {
    let fragment = assembler.fragment(ordinal)
    let answer = assembler.answer(ordinal, head: head, status: .okay)
    let covered = min(linear, fragment.size)
    guard let role = role(of: fragment, ordinal, linear: linear, assembler.rules) else {
      answers.append(answer)
      return nil
    }
    if path == .persistent { wish(for: fragment) }
    linear -= covered
    let isMapped = path.maps(packetOf: assembler.head.size)
    slots.append(plan(fragment, role, copying: isMapped ? covered : fragment.size, answer))
    return role == .copied ? slots.count : nil
  }

  /// Plans a slot's operations: its first octets are copied, the others mapped.
  @inline(__always)
  private mutating func plan(
    _ fragment: TxFragment, _ role: SlotRole, copying count: UInt16, _ answer: TxAnswer
  ) -> PlannedSlot {
    var slot = PlannedSlot(answer: answer, role: role)
    // Linux copies even nothing.
    if count > 0 || role == .copied {
      slot.copy = copies.count
      addCopy(of: fragment, count: count)
    }
    if count < fragment.size {
      slot.map = maps.count
      maps.append(
        GrantMap(
          grant: fragment.grant, offset: fragment.offset + count, length: fragment.size - count))
    }
    return slot
  }

  /// Octets that Linux copies rather than maps, from the *declared* total; all of the first slot
  /// when the others already fill the fragment array.
  private func linearLength(_ assembler: borrowing TxAssembler) -> UInt16 {
    let linear = min(assembler.head.size, assembler.rules.linearLength)
    let first = assembler.fragment(0).size
    let fillsFragments = assembler.dataSlots - 1 >= NetifLimits.fragments
    if fillsFragments, linear < first { return first }
    return assembler.rules.copiesAcrossSlots ? linear : min(linear, first)
  }

  /// The part a slot plays when `linear` octets of the linear area are still to come; `nil` for an
  /// empty one behind it, which Linux answers at once and never touches.
  private func role(
    of fragment: TxFragment, _ ordinal: Int, linear: UInt16, _ rules: TxRules
  ) -> SlotRole? {
    guard linear > 0 else { return fragment.size == 0 && rules.answersEmpty ? nil : .mapped }
    return fragment.size <= linear && ordinal < rules.linearSlots ? .copied : .shared
  }
}

extension TxAssembler {
  /// The answer to data slot `ordinal` of the packet whose first slot is at `head`.
  borrowing func answer(_ ordinal: Int, head: RingIndex, status: NetifStatus) -> TxAnswer {
    let before = ordinal == 0 ? 0 : UInt32(extras.slotCount) + UInt32(ordinal)
    return TxAnswer(
      request: head.advanced(by: before), id: id(ordinal),
      extras: ordinal == 0 ? extras.slotCount : 0, status: status)
  }

  /// What the packet's flags and extras say of the frame, before its headers are read.
  fileprivate var offload: FrameOffload {
    FrameOffload(
      checksum: head.flags.checksum, segmentation: extras.segmentation, hash: extras.hash)
  }
}

extension TxFlags {
  /// What they say of the packet's checksum.
  fileprivate var checksum: ChecksumState {
    contains(.checksumBlank) ? .partial : contains(.dataValidated) ? .verified : .unknown
  }
}
