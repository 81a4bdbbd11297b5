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
}

extension GrantTable {
  /// Pins an entry for a mapping of `user`.
  func pin(
    _ grant: GrantReference, for access: GrantAccess, by user: DomainID
  ) throws(GrantError) -> GrantPin {
    let result = allocation.withLock { _ -> Result<GrantPin, GrantError> in
      guard let entry = unsafe entry(grant) else { return .failure(.refused(.badGrantReference)) }
      let word = unsafe Self.word(entry)
      let status = unsafe status(of: word, pins: Self.pins(entry), for: access, by: user)
      guard status == .okay, let frame = unsafe entry.pointee.frame else {
        return .failure(.refused(status))
      }
      unsafe entry.pointee.pins.add(GrantPins.mapping(access), ordering: .sequentiallyConsistent)
      return .success(GrantPin(grant: grant, share: word.share, access: access, frame: frame))
    }
    return try result.get()
  }

  /// Ends a mapping's pin; the last one ends an entry that was revoked meanwhile.
  ///
  /// - Returns: whether the table still knew the pin.
  func unpin(_ pin: GrantPin) -> Bool {
    allocation.withLock { allocation in
      guard let entry = unsafe entry(pin.grant) else { return false }
      let word = unsafe Self.word(entry)
      guard word.share == pin.share, isCurrent(word) else { return false }
      let before = unsafe entry.pointee.pins.subtract(
        GrantPins.mapping(pin.access), ordering: .sequentiallyConsistent)
      let isMapped = GrantPins(rawValue: before.newValue).isMapped
      if !isMapped && !word.isGranted { release(pin.grant, &allocation) }
      return true
    }
  }

  /// Begins one side of a copy; `endCopy` ends it when its status is okay.
  func beginCopy(_ grant: GrantReference, for access: GrantAccess, by user: DomainID) -> CopySide {
    guard let entry = unsafe entry(grant) else {
      return unsafe CopySide(status: .badGrantReference, base: nil)
    }
    let pins = unsafe entry.pointee.pins.wrappingAdd(
      GrantPins.copy, ordering: .sequentiallyConsistent)
    let status = unsafe status(
      of: Self.word(entry), pins: GrantPins(rawValue: pins.oldValue), for: access, by: user)
    guard status == .okay else {
      endCopy(grant)
      return unsafe CopySide(status: status, base: nil)
    }
    return unsafe CopySide(status: .okay, base: entry.pointee.base)
  }

  /// Ends one side of a copy.
  func endCopy(_ grant: GrantReference) {
    guard let entry = unsafe entry(grant) else { return }
    unsafe entry.pointee.pins.wrappingSubtract(GrantPins.copy, ordering: .sequentiallyConsistent)
  }

  private func status(
    of word: GrantWord, pins: GrantPins, for access: GrantAccess, by user: DomainID
  ) -> GrantStatus {
    isCurrent(word) ? word.status(for: access, by: user, pins: pins) : .generalError
  }
}
