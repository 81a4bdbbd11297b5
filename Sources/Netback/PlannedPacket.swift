import Netif
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
struct PlannedSlot: BitwiseCopyable, Sendable {
  let answer: TxAnswer
  let role: SlotRole
  // Places are below the ring's size.
  private var copyPlace = UInt16.max
  private var mapPlace = UInt16.max

  init(answer: TxAnswer, role: SlotRole) {
    self.answer = answer
    self.role = role
  }

  /// Place of its copy among the poll's copies; `nil` when it is only mapped.
  var copy: Int? {
    get { copyPlace == .max ? nil : Int(copyPlace) }
    set { copyPlace = newValue.map { UInt16($0) } ?? .max }
  }
  /// Place of its map among the poll's maps; `nil` when all of it is copied.
  var map: Int? {
    get { mapPlace == .max ? nil : Int(mapPlace) }
    set { mapPlace = newValue.map { UInt16($0) } ?? .max }
  }
}

/// An accepted packet.
enum PlannedPacket: BitwiseCopyable, Sendable {
  /// One slot that a copy brings whole, answered with its poll, as most are: the place of the copy, and
  /// the id that the answer needs.
  case whole(copy: UInt16, id: UInt16)
  /// All others.
  case run(PlannedRun)

  /// Its maps.
  var maps: Range<Int> {
    switch self {
    case .whole: 0..<0
    case .run(let run): run.maps
    }
  }
}

/// A run of planned slots.
struct PlannedRun: BitwiseCopyable, Sendable {
  // Places are below the ring's size.
  private let firstSlot: UInt16
  private let firstHeld: UInt16
  private let endOfSlots: UInt16
  private let firstMap: UInt16
  private let endOfMaps: UInt16

  /// Describes a packet whose slots from `firstHeld` on do not lie wholly in the linear area.
  init(slots: Range<Int>, firstHeld: Int, maps: Range<Int>) {
    firstSlot = UInt16(slots.lowerBound)
    self.firstHeld = UInt16(firstHeld)
    endOfSlots = UInt16(slots.upperBound)
    firstMap = UInt16(maps.lowerBound)
    endOfMaps = UInt16(maps.upperBound)
  }

  /// All its slots.
  var slots: Range<Int> { Int(firstSlot)..<Int(endOfSlots) }
  /// Slots that lie wholly in the linear area.
  var copied: Range<Int> { Int(firstSlot)..<Int(firstHeld) }
  /// The slots behind them, a shared one first.
  var held: Range<Int> { Int(firstHeld)..<Int(endOfSlots) }
  /// Its maps.
  var maps: Range<Int> { Int(firstMap)..<Int(endOfMaps) }
}
