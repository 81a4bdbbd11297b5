internal import Synchronization
internal import XenInterface
internal import XenRing

/// The grant table of one domain: who may use which of its pages.
///
/// Copies and maps take no lock, as many threads as want may run them; everything else takes the table's.
@safe final class GrantTable: Sendable {
  // SAFETY: `base` is the frame's, which the entry holds.
  @safe struct Entry: ~Copyable {
    let word = Atomic<UInt64>(GrantWord.free.rawValue)
    let pins = Atomic<UInt64>(0)
    var frame: Frame?
    var base: UnsafeMutableRawPointer?
  }

  struct Allocation: Sendable {
    var returned: [UInt32] = []
    var next = GrantTable.reservedEntries
    var share: UInt64 = 1
  }

  /// Entries that Xen keeps for the console, the store and the like.
  static let reservedEntries: UInt32 = 8
  /// Entries in one frame of the table; it grows frame by frame.
  static let entriesPerFrame: UInt32 = 512

  // SAFETY: `capacity` initialised entries, freed in `deinit`. An entry's plain fields are written
  // under the lock while it is free and no copy is in it, and published by its word.
  private nonisolated(unsafe) let entries: UnsafeMutablePointer<Entry>
  private let capacity: UInt32
  let allocation: SharedLock<Allocation>
  let oldestShare = Atomic<UInt64>(1)
  private let existing = Atomic<UInt32>(GrantTable.entriesPerFrame)
  private let ledger: Ledger

  init(frameLimit: Int, ledger: Ledger) {
    capacity = Self.entriesPerFrame * UInt32(frameLimit)
    self.ledger = ledger
    allocation = SharedLock(Allocation(), countedIn: ledger.locks)
    unsafe entries = .allocate(capacity: Int(capacity))
    for index in 0..<Int(capacity) { unsafe (entries + index).initialize(to: Entry()) }
  }

  deinit {
    // Of an entry only the frame needs an end of its own.
    for index in 0..<Int(capacity) { unsafe entries[index].frame = nil }
    unsafe entries.deallocate()
  }

  /// The entry that `grant` names; `nil` past the end of the table as it stands.
  func entry(_ grant: GrantReference) -> UnsafeMutablePointer<Entry>? {
    guard grant.rawValue < existing.load(ordering: .acquiring) else { return nil }
    return unsafe entries + Int(grant.rawValue)
  }

  /// Whether an entry's word was written since the last reset.
  func isCurrent(_ word: GrantWord) -> Bool {
    word.share >= oldestShare.load(ordering: .acquiring)
  }
}

// MARK: - Granting

extension GrantTable {
  /// Makes entries for `frames`; `chosen` asks for one of its own.
  ///
  /// - Returns: the references, and the share's number, by which its entries are known.
  func share(
    _ frames: [Frame], at chosen: GrantReference? = nil, with domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> (grants: [GrantReference], share: UInt64) {
    let granted = allocation.withLock { allocation -> (grants: [GrantReference], share: UInt64)? in
      let share = allocation.share
      var grants: [GrantReference] = []
      for frame in frames {
        guard let grant = chosen.map({ claim($0) }) ?? takeFree(&allocation) else {
          for grant in grants { release(grant, &allocation) }
          return nil
        }
        open(grant, frame: frame, word: GrantWord(share: share, domain: domain, access: access))
        grants.append(grant)
      }
      allocation.share += 1
      return (grants, share)
    }
    guard let granted else { throw .exhausted }
    return granted
  }

  /// Changes the rights of an entry that is granted.
  func setAccess(_ access: GrantAccess, of grant: GrantReference) {
    allocation.withLock { _ in
      guard let entry = unsafe entry(grant) else { return }
      var word = unsafe Self.word(entry)
      guard word.isGranted, isCurrent(word) else { return }
      word.access = access
      unsafe entry.pointee.word.store(word.rawValue, ordering: .sequentiallyConsistent)
    }
  }

  /// Ends an entry, of `share` only when one is named. While it is mapped it stays taken.
  func revoke(_ grant: GrantReference, of share: UInt64? = nil) {
    allocation.withLock { revoke(grant, of: share, &$0) }
  }

  /// Ends every entry, as `revoke` does.
  func revokeAll() {
    allocation.withLock { allocation in
      for index in 0..<existing.load(ordering: .relaxed) {
        revoke(GrantReference(rawValue: index), of: nil, &allocation)
      }
    }
  }

  private func revoke(_ grant: GrantReference, of share: UInt64?, _ allocation: inout Allocation) {
    guard let entry = unsafe entry(grant) else { return }
    var word = unsafe Self.word(entry)
    guard word.isGranted, isCurrent(word), share == nil || share == word.share else { return }
    word.isGranted = false
    unsafe entry.pointee.word.store(word.rawValue, ordering: .sequentiallyConsistent)
    if unsafe !Self.pins(entry).isMapped { release(grant, &allocation) }
  }

  /// Forgets every entry. What is still mapped or shared keeps its memory and nothing else.
  ///
  /// - Precondition: no other thread uses the table.
  func reset() {
    allocation.withLock { allocation in
      allocation.returned.removeAll(keepingCapacity: true)
      allocation.next = Self.reservedEntries
      oldestShare.store(allocation.share, ordering: .releasing)
      existing.store(Self.entriesPerFrame, ordering: .releasing)
    }
  }

  static func word(_ entry: UnsafeMutablePointer<Entry>) -> GrantWord {
    unsafe GrantWord(rawValue: entry.pointee.word.load(ordering: .sequentiallyConsistent))
  }

  static func pins(_ entry: UnsafeMutablePointer<Entry>) -> GrantPins {
    unsafe GrantPins(rawValue: entry.pointee.pins.load(ordering: .sequentiallyConsistent))
  }

  private func isFree(_ index: UInt32) -> Bool {
    let word = unsafe Self.word(entries + Int(index))
    return word == .free || !isCurrent(word)
  }

  private func open(_ grant: GrantReference, frame: Frame, word: GrantWord) {
    let entry = unsafe entries + Int(grant.rawValue)
    unsafe forgetPins(entry)
    unsafe entry.pointee.frame = frame
    unsafe frame.memory.withUnsafeAddress { unsafe entry.pointee.base = $0 }
    unsafe entry.pointee.word.store(word.rawValue, ordering: .sequentiallyConsistent)
    ledger.note { $0.grantedPages += 1 }
  }

  /// Mappings from before a reset may have left their pins. Who probes the free entry has its own back
  /// in a moment, and finds no page.
  private func forgetPins(_ entry: UnsafeMutablePointer<Entry>) {
    while true {
      let pins = unsafe Self.pins(entry)
      guard pins.copies == 0 else { continue }
      let exchange = unsafe entry.pointee.pins.compareExchange(
        expected: pins.rawValue, desired: 0, ordering: .sequentiallyConsistent)
      if exchange.exchanged { return }
    }
  }

  /// Gives an entry back that is neither granted nor mapped.
  func release(_ grant: GrantReference, _ allocation: inout Allocation) {
    let entry = unsafe entries + Int(grant.rawValue)
    unsafe entry.pointee.word.store(
      GrantWord.free.rawValue, ordering: .sequentiallyConsistent)
    // A copy that still saw the grant is a page long at most; its memory waits for it.
    while unsafe Self.pins(entry).copies > 0 {}
    unsafe entry.pointee.frame = nil
    allocation.returned.append(grant.rawValue)
    ledger.note { $0.grantedPages -= 1 }
  }

  private func takeFree(_ allocation: inout Allocation) -> GrantReference? {
    while let index = allocation.returned.popLast() {
      if isFree(index) { return GrantReference(rawValue: index) }
    }
    while allocation.next < capacity {
      let grant = GrantReference(rawValue: allocation.next)
      allocation.next += 1
      if let claimed = claim(grant) { return claimed }
    }
    return nil
  }

  private func claim(_ grant: GrantReference) -> GrantReference? {
    guard grant.rawValue < capacity, isFree(grant.rawValue) else { return nil }
    let needed = (grant.rawValue / Self.entriesPerFrame + 1) * Self.entriesPerFrame
    if needed > existing.load(ordering: .relaxed) { existing.store(needed, ordering: .releasing) }
    return grant
  }
}
