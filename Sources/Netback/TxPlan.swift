import Netif
import XenInterface
import XenRing

/// How a slot's data reaches the frame, which decides when the slot is answered.
enum SlotRole: Sendable {
  /// Wholly in the linear area: answered with its poll.
  case copied
  /// Starts in the linear area and goes on behind it: answered as a mapped one.
  case shared
  /// Behind the linear area, where Linux maps: answered when the frame is released.
  case mapped
}

/// A data slot of an accepted packet.
struct PlannedSlot: Sendable {
  var answer: TxAnswer
  var role: SlotRole
  /// Place of its copy among the poll's copies; `nil` when it is only mapped.
  var copy: Int?
  /// Place of its map among the poll's maps; `nil` when all of it is copied.
  var map: Int?
}

/// An accepted packet: a run of planned slots.
struct PlannedPacket: Sendable {
  /// Slots that lie wholly in the linear area.
  var copied: Range<Int>
  /// The slots behind them, a shared one first.
  var held: Range<Int>
  /// Its maps.
  var maps: Range<Int>
}

/// What a request says of its page.
struct PageWish: Sendable {
  var grant: GrantReference
  /// Whether it may stay mapped.
  var persists: Bool
}

/// What a poll is to do: copies and maps, and what they mean. Reused from poll to poll.
struct TxPlan {
  private(set) var copies: [GrantCopy] = []
  var maps: [GrantMap] = []
  private(set) var slots: [PlannedSlot] = []
  private(set) var packets: [PlannedPacket] = []
  /// The frame of each packet, as far as it is copied.
  private(set) var frames: [TxFrame] = []
  /// What the slots say of their pages, where it counts (`DataPath.persistent`).
  private(set) var wishes: [PageWish] = []
  /// Octets that the copies bring.
  private(set) var fill: UInt32 = 0

  init() {
    copies.reserveCapacity(Int(NetifLimits.ringSize))
    slots.reserveCapacity(Int(NetifLimits.ringSize))
    packets.reserveCapacity(Int(NetifLimits.ringSize))
    frames.reserveCapacity(Int(NetifLimits.ringSize))
  }

  /// Forgets a finished poll, keeping the storage.
  mutating func reset() {
    copies.removeAll(keepingCapacity: true)
    if !maps.isEmpty { maps.removeAll(keepingCapacity: true) }
    slots.removeAll(keepingCapacity: true)
    packets.removeAll(keepingCapacity: true)
    frames.removeAll(keepingCapacity: true)
    if !wishes.isEmpty { wishes.removeAll(keepingCapacity: true) }
    fill = 0
  }

  /// Runs `body` over the copies, which it fills in.
  mutating func withCopies(_ body: (inout MutableSpan<GrantCopy>) -> Void) {
    var operations = copies.mutableSpan
    body(&operations)
  }

  /// Plans the packet that `assembler` has completed (Linux: `xenvif_get_requests`).
  ///
  /// - Parameters:
  ///   - head: index of the packet's first slot.
  ///   - path: how its data comes.
  ///   - answers: takes the answers that empty slots get at once.
  mutating func add(
    _ assembler: borrowing TxAssembler, head: RingIndex, path: DataPath,
    answers: inout [TxAnswer]
  ) {
    let (firstSlot, firstMap, start) = (slots.count, maps.count, fill)
    var firstHeld = firstSlot
    var linear = linearLength(assembler)
    let isMapped = path.maps(packetOf: assembler.head.size)
    for ordinal in 0..<assembler.dataSlots {
      let fragment = assembler.fragment(ordinal)
      let answer = assembler.answer(ordinal, head: head, status: .okay)
      let covered = min(linear, fragment.size)
      guard let role = role(of: fragment, linear: linear) else {
        answers.append(answer)
        continue
      }
      if path == .persistent {
        wishes.append(PageWish(grant: fragment.grant, persists: fragment.persists))
      }
      linear -= covered
      slots.append(plan(fragment, role, copying: isMapped ? covered : fragment.size, answer))
      if role == .copied { firstHeld = slots.count }
    }
    packets.append(
      PlannedPacket(
        copied: firstSlot..<firstHeld, held: firstHeld..<slots.count, maps: firstMap..<maps.count))
    frames.append(
      TxFrame(head: head, start: start, length: fill - start, offload: assembler.offload))
  }

  /// Plans a slot's operations: its first octets are copied, the others mapped.
  private mutating func plan(
    _ fragment: TxFragment, _ role: SlotRole, copying count: UInt16, _ answer: TxAnswer
  ) -> PlannedSlot {
    var slot = PlannedSlot(answer: answer, role: role)
    // Linux copies even nothing.
    if count > 0 || role == .copied {
      slot.copy = copies.count
      copies.append(
        GrantCopy(
          grant: fragment.grant, pageOffset: fragment.offset, length: count, bufferOffset: fill))
      fill += UInt32(count)
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
    let linear = min(assembler.head.size, NetifLimits.linearLength)
    let first = assembler.fragment(0).size
    let fillsFragments = assembler.dataSlots - 1 >= NetifLimits.fragments
    return fillsFragments && linear < first ? first : linear
  }

  /// The part a slot plays when `linear` octets of the linear area are still to come; `nil` for an
  /// empty one behind it, which Linux answers at once and never touches.
  private func role(of fragment: TxFragment, linear: UInt16) -> SlotRole? {
    guard linear > 0 else { return fragment.size == 0 ? nil : .mapped }
    return fragment.size <= linear ? .copied : .shared
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
    let checksum: ChecksumState =
      head.flags.contains(.checksumBlank)
      ? .partial : head.flags.contains(.dataValidated) ? .verified : .unknown
    return FrameOffload(
      checksum: checksum, segmentation: extras.segmentation, hash: extras.hash)
  }
}
