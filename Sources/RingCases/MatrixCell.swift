/// One cell: a rule, how its packet stands to the rule's bound, and the shape of the packet.
public struct MatrixCell: Hashable, Sendable {
  /// Extra infos that a packet has beside what its rule is about.
  public static let extras = [0, 1, 3]
  /// Slots of a packet.
  public static let slots = 1...24

  /// The rule.
  public var rule: MatrixRule
  /// How it stands to the rule's bound.
  public var bound: MatrixBound
  /// Data slots of the packet.
  public var slots: Int
  /// The slot that the rule is about.
  public var position: Int
  /// Honest extra infos behind the first slot.
  public var extras: Int
  /// Whether the ring's indices pass 2³² within the packet.
  public var wraps: Bool

  /// Unique among cells.
  public var name: String {
    "\(rule.rawValue)/\(bound)/slot-\(position)-of-\(slots)/extras-\(extras)"
      + (wraps ? "/wrap" : "")
  }

  /// Why there is no such cell, if there is none.
  public var gap: MatrixGap? {
    if position >= slots { return .noSuchSlot }
    switch rule {
    case .minimumSize, .missingExtra, .extraType, .gsoSize, .gsoType, .producer:
      return position > 0 ? .wholePacket : nil
    case .slotLimit:
      if position > 0 { return .wholePacket }
      return bound == .at ? nil : .boundIsSlots
    case .multicastLimit:
      if position > 0 { return .wholePacket }
      return slots > 1 ? .noPacket : nil
    case .sizeSum, .missingSlot, .pageEnd, .emptySlot: return position == 0 ? .notFirstSlot : nil
    case .pageCrossing, .grant, .linearArea: return nil
    }
  }

  /// The cells of a rule.
  public static func all(of rule: MatrixRule) -> [MatrixCell] {
    places(of: rule).filter { $0.gap == nil }
  }

  /// All places of a rule in the matrix, gaps among them.
  public static func places(of rule: MatrixRule) -> [MatrixCell] {
    var places: [MatrixCell] = []
    for bound in MatrixBound.allCases {
      for slots in Self.slots {
        for position in 0..<Self.slots.upperBound {
          for extras in Self.extras {
            for wraps in [false, true] {
              places.append(
                MatrixCell(
                  rule: rule, bound: bound, slots: slots, position: position, extras: extras,
                  wraps: wraps))
            }
          }
        }
      }
    }
    return places
  }
}

extension MatrixCell {
  /// The cells of a rule that are asked where each takes long, of a real backend on a real Xen: the shortest packets, those around the slot limits, the first, second and last
  /// positions, with no more than one extra info.
  public static func sample(of rule: MatrixRule) -> [TxCase] {
    let asked = all(of: rule).filter { cell in
      (cell.slots < 4 || 18...22 ~= cell.slots) && !cell.wraps && cell.extras < 2
        && (cell.position < 2 || cell.position == cell.slots - 1)
        // The zeros behind it have the id of its first slot: which answer is whose, the order must say.
        && (cell.rule != .producer || cell.slots == 1)
    }
    return asked.map(\.asked).filter(\.canBeAsked)
  }

  /// The cell of that name; `nil` when there is none.
  public init?(name: String) {
    let rule = MatrixRule.allCases.first { name.hasPrefix($0.rawValue + "/") }
    let cell = rule.flatMap { rule in
      Self.all(of: rule).first { $0.name == name }
    }
    guard let cell else { return nil }
    self = cell
  }
}
