internal import Synchronization
internal import XenInterface

/// What a mapping holds of a grant table's entry.
struct GrantPin: Sendable {
  let grant: GrantReference
  let share: UInt64
  let access: GrantAccess
  let frame: Frame
}

/// What a copy sees of one side: its page, or why it has none.
@safe struct CopySide {
  let status: GrantStatus
  // SAFETY: set only while the entry is pinned by this copy.
  let base: UnsafeMutableRawPointer?
  // SAFETY: the table's, which outlives the copy; set where `base` is.
  fileprivate let entry: UnsafeMutablePointer<GrantTable.Entry>?

  fileprivate static func none(_ status: GrantStatus) -> CopySide {
    unsafe CopySide(status: status, base: nil, entry: nil)
  }
}

extension GrantTable {
  /// Pins an entry for a mapping of `user`.
  ///
  /// It counts as a copy until it is decided: meanwhile the entry is neither given back nor begun anew.
  func pin(
    _ grant: GrantReference, for access: GrantAccess, by user: DomainID
  ) throws(GrantError) -> GrantPin {
    guard let entry = unsafe entry(grant) else { throw .refused(.badGrantReference) }
    unsafe entry.pointee.pins.add(GrantPins.copy, ordering: .sequentiallyConsistent)
    var pins = unsafe Self.pins(entry)
    while true {
      let word = unsafe Self.word(entry)
      let status = status(of: word, pins: pins, for: access, by: user)
      guard status == .okay, let frame = unsafe entry.pointee.frame else {
        unsafe unpin(entry, grant, GrantPins.copy)
        throw .refused(status)
      }
      let exchange = unsafe entry.pointee.pins.compareExchange(
        expected: pins.rawValue, desired: pins.rawValue &+ GrantPins.mapping(access),
        ordering: .sequentiallyConsistent)
      pins = GrantPins(rawValue: exchange.original)
      guard exchange.exchanged else { continue }
      let pin = GrantPin(grant: grant, share: word.share, access: access, frame: frame)
      return try unsafe keep(entry, pin, word)
    }
  }

  /// Keeps a mapping's pin if the entry's word is still the one by which it was allowed: whoever changes
  /// it later sees the pin.
  @inline(__always)
  private func keep(
    _ entry: UnsafeMutablePointer<Entry>, _ pin: GrantPin, _ word: GrantWord
  ) throws(GrantError) -> GrantPin {
    guard unsafe Self.word(entry) == word else {
      unsafe unpin(entry, pin.grant, GrantPins.copy + GrantPins.mapping(pin.access))
      throw .refused(.generalError)
    }
    unsafe entry.pointee.pins.subtract(GrantPins.copy, ordering: .sequentiallyConsistent)
    return pin
  }

  /// Ends a mapping's pin; the last one ends an entry that was revoked meanwhile.
  ///
  /// - Returns: whether the table still knew the pin.
  func unpin(_ pin: GrantPin) -> Bool {
    guard let entry = unsafe entry(pin.grant) else { return false }
    // As long as it is pinned an entry stays its share's, but for a reset.
    let word = unsafe Self.word(entry)
    guard word.share == pin.share, isCurrent(word) else { return false }
    unsafe unpin(entry, pin.grant, GrantPins.mapping(pin.access))
    return true
  }

  private func unpin(
    _ entry: UnsafeMutablePointer<Entry>, _ grant: GrantReference, _ pins: UInt64
  ) {
    let left = unsafe entry.pointee.pins.wrappingSubtract(pins, ordering: .sequentiallyConsistent)
    // Whoever revokes the entry looks at its pins behind that, and we look at its word behind ours: one
    // of the two gives it back, or both see the other, and the lock decides.
    let word = unsafe Self.word(entry)
    if !GrantPins(rawValue: left.newValue).isMapped, word.isRevoked { giveBack(grant, word.share) }
  }

  /// Begins one side of a copy; `endCopy` ends it.
  @inline(__always)
  func beginCopy(_ grant: GrantReference, for access: GrantAccess, by user: DomainID) -> CopySide {
    guard let entry = unsafe entry(grant) else {
      return .none(.badGrantReference)
    }
    let pins = unsafe entry.pointee.pins.wrappingAdd(
      GrantPins.copy, ordering: .sequentiallyConsistent)
    let status = unsafe status(
      of: Self.word(entry), pins: GrantPins(rawValue: pins.oldValue), for: access, by: user)
    let side = unsafe CopySide(status: status, base: entry.pointee.base, entry: entry)
    guard status == .okay else {
      endCopy(side)
      return .none(status)
    }
    return side
  }

  /// Ends one side of a copy.
  @inline(__always)
  func endCopy(_ side: CopySide) {
    guard let entry = unsafe side.entry else { return }
    unsafe entry.pointee.pins.wrappingSubtract(GrantPins.copy, ordering: .sequentiallyConsistent)
  }

  /// Gives an entry of `share` back that was revoked while it was mapped, unless somebody has.
  @inline(never)
  private func giveBack(_ grant: GrantReference, _ share: UInt64) {
    allocation.withLock { allocation in
      guard let entry = unsafe entry(grant) else { return }
      let word = unsafe Self.word(entry)
      guard word.share == share, isCurrent(word), word.isRevoked else { return }
      if unsafe !Self.pins(entry).isMapped { release(grant, &allocation) }
    }
  }

  @inline(__always)
  private func status(
    of word: GrantWord, pins: GrantPins, for access: GrantAccess, by user: DomainID
  ) -> GrantStatus {
    isCurrent(word) ? word.status(for: access, by: user, pins: pins) : .generalError
  }
}
