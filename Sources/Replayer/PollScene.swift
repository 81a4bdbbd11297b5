import Netif
import TraceFormat
import XenInterface
import XenRing

/// What the events of a TX turn say together. Reused from turn to turn.
struct PollScene {
  /// An answer that carries a status of its own.
  struct Answer {
    var request: RingIndex
    var id: UInt16
  }

  /// A slot that names a page.
  struct DataSlot {
    var place: Int
    var grant: GrantReference
    var offset: UInt16
    var size: UInt16
    var isHead: Bool

    /// What of a packet's total its first slot has itself.
    func ownSize(before rest: ArraySlice<DataSlot>) -> UInt16 {
      var own = size
      for slot in rest {
        if slot.isHead { break }
        own = own &- slot.size
      }
      return own
    }
  }

  private(set) var time = MonotonicInstant(nanoseconds: 0)
  private(set) var budget: Int?
  private(set) var claimed: RingIndex?
  private(set) var consumer: RingIndex?
  private(set) var responseEvent: RingIndex?
  private(set) var answers: [Answer] = []
  private(set) var isDisabled = false
  private(set) var isObserved = false
  private var hasFailures = false
  /// The copy that held the octets asked for last: the next ones are mostly in the next one.
  private var lastCopied = 0
  private var copies: [(operand: TraceEvent.GrantOperand, status: GrantStatus)] = []
  private var maps: [(grant: GrantReference, status: GrantStatus)] = []

  /// Takes another turn.
  mutating func read(_ turn: Turn) {
    time = MonotonicInstant(nanoseconds: 0)
    budget = nil
    claimed = nil
    consumer = nil
    responseEvent = nil
    isDisabled = false
    isObserved = false
    hasFailures = false
    lastCopied = 0
    answers.removeAll(keepingCapacity: true)
    copies.removeAll(keepingCapacity: true)
    maps.removeAll(keepingCapacity: true)
    for entry in turn.entries {
      if entry.event.origin == .observed { isObserved = true }
      time = entry.event.time
      read(entry.event.body)
    }
  }

  private mutating func read(_ body: TraceEvent.Body) {
    switch body {
    case .pollBegin(.tx, let packets): budget = Int(packets)
    case .requestProducer(.tx, let index): claimed = index
    case .eventIndex(.tx, .frontend, let index): responseEvent = index
    case .pollEnd(.tx, let consumer, _, _): self.consumer = consumer
    case .disabled: isDisabled = true
    case .grantCopy(let operand, .fromGuest, let status):
      copies.append((operand, status))
      hasFailures = hasFailures || status != .okay
    case .grantMap(let grant, _, _, let status):
      maps.append((grant, status))
      hasFailures = hasFailures || status != .okay
    case .txResponse(_, let request, let id, let status):
      if status != .null { answers.append(Answer(request: request, id: id)) }
    default: break
    }
  }

  /// Whether an operation on this page failed because its reference is no good.
  func failsBadly(_ grant: GrantReference) -> Bool {
    guard hasFailures else { return false }
    return copies.contains { $0.operand.grant == grant && $0.status == .badGrantReference }
      || maps.contains { $0.grant == grant && $0.status == .badGrantReference }
  }

  /// Whether these octets were seen in a grant copy.
  mutating func isCopied(_ operand: TraceEvent.GrantOperand) -> Bool {
    for ahead in copies.indices {
      let place = (lastCopied + ahead) % copies.count
      guard Self.holds(copies[place].operand, operand) else { continue }
      lastCopied = place
      return true
    }
    return false
  }

  private static func holds(
    _ copy: TraceEvent.GrantOperand, _ operand: TraceEvent.GrantOperand
  ) -> Bool {
    copy.grant == operand.grant && copy.offset <= operand.offset
      && UInt32(copy.offset) + UInt32(copy.length)
        >= UInt32(operand.offset) + UInt32(operand.captured)
  }

  /// The places of the slots whose operations failed. Operations stand in the order of slots.
  func failures(_ slots: [DataSlot]) -> [Int: GrantStatus] {
    guard hasFailures else { return [:] }
    var failures: [Int: GrantStatus] = [:]
    var next = 0
    for copy in copies {
      let isSame = { (slot: DataSlot) in
        slot.grant == copy.operand.grant && slot.offset == copy.operand.offset
      }
      guard let found = Self.find(slots, from: next, isSame) else { continue }
      next = found + 1
      if copy.status != .okay { failures[slots[found].place] = copy.status }
    }
    next = 0
    for map in maps {
      guard let found = Self.find(slots, from: next, { $0.grant == map.grant }) else { continue }
      next = found + 1
      if map.status != .okay { failures[slots[found].place] = map.status }
    }
    return failures
  }

  private static func find(
    _ slots: [DataSlot], from next: Int, _ isSame: (DataSlot) -> Bool
  ) -> Int? {
    slots[min(next, slots.count)...].firstIndex(where: isSame) ?? slots.firstIndex(where: isSame)
  }
}
