public import Netif
public import XenInterface
import XenRing

/// Why pages were not staged; none of the list was.
public enum StagingError: Error, Hashable, Sendable {
  /// The table would hold more than it may.
  case full
  /// A page stands twice in the list, or is staged already.
  case duplicate(GrantReference)
  /// The pages could not be mapped.
  case grant(GrantError)
}

/// Copies that a staging table did without Xen.
public struct StagedTally: Hashable, Sendable {
  /// How many they were.
  public var slots: UInt64 = 0
  /// The octets that they moved.
  public var octets: UInt64 = 0

  /// Nothing counted yet.
  public init() {}

  init(slots: UInt64, octets: UInt64) {
    self.slots = slots
    self.octets = octets
  }

  static func += (sum: inout Self, other: Self) {
    sum.slots += other.slots
    sum.octets += other.octets
  }
}

/// The pages of its guest that one queue keeps mapped, because the guest asked for it.
///
/// It stands in front of Xen as a grant device: a copy out of or into a page that it holds is done in
/// this process, all others go on to Xen together. Whoever copies need not know which was which.
public final class StagingTable: GrantDeviceLayer {
  /// Pages that a table holds at most.
  public static var capacity: Int { 1024 }

  /// See `GrantDeviceLayer`.
  public let base: any GrantDevice
  /// The guest whose pages these are.
  private let domain: DomainID
  /// Whether requests say which pages may stay mapped (`follow`), and not control messages.
  let followsRequests: Bool
  /// Pages that requests have named without saying that they may stay.
  var ending: Set<GrantReference> = []
  private var index = StagedIndex()
  private var pages: [StagedPage] = []
  private var runs: UInt64 = 0
  private var tally = StagedTally()
  /// The copies of a batch that are left to Xen, and their places in it.
  private var others: [GrantCopy] = []
  private var places: [Int] = []

  /// Makes an empty table in front of `base`.
  ///
  /// - Parameters:
  ///   - base: the device that does what the table does not.
  ///   - domain: the guest's.
  ///   - followsRequests: whether the flags of requests say which pages may stay mapped.
  public init(before base: any GrantDevice, domain: DomainID, followsRequests: Bool = false) {
    self.base = base
    self.domain = domain
    self.followsRequests = followsRequests
  }

  /// Pages that are staged.
  public var count: Int { pages.count }
  /// Whether a page is staged.
  public func holds(_ grant: GrantReference) -> Bool { index.place(of: grant) != nil }
  /// Whether a page is staged for reading only.
  func isReadOnlyPage(_ grant: GrantReference) -> Bool {
    index.place(of: grant).map { pages[$0].isReadOnly } ?? false
  }

  /// Takes what was counted since the last call.
  func takeTally() -> StagedTally {
    defer { tally = StagedTally() }
    return tally
  }
}

// MARK: - What the guest asks for

extension StagingTable {
  /// Maps the pages of a list and keeps them; all or none.
  public func add(_ list: [StagedGrant]) throws(StagingError) {
    try add(list, by: ControlRules())
  }

  func add(_ list: [StagedGrant], by rules: ControlRules) throws(StagingError) {
    guard list.count <= rules.stagedPages - pages.count else { throw .full }
    var larger = index
    for (place, entry) in list.enumerated() {
      guard larger.insert(entry.grant, at: pages.count + place) || !rules.stagesOnce else {
        throw .duplicate(entry.grant)
      }
    }
    var added: [StagedPage?] = list.map { _ in nil }
    for isReadOnly in [true, false] {
      let meant = list.indices.filter { list[$0].isReadOnly == isReadOnly }
      let mapped = try map(meant.map { list[$0].grant }, isReadOnly: isReadOnly)
      for (place, page) in zip(meant, mapped) { added[place] = page }
    }
    pages += added.compactMap { $0 }
    index = larger
  }

  /// Lets go of those of these pages that are staged. They are not mapped any more when this returns.
  ///
  /// Xen unmaps what was mapped with one call together only. So what is left of such pages is mapped
  /// anew first; where Xen refuses, because the guest has taken the pages back, they go, too.
  public func remove(_ grants: Set<GrantReference>) {
    let broken = Set(pages.lazy.filter { grants.contains($0.grant) }.map(\.run))
    guard !broken.isEmpty else { return }
    var kept = pages.filter { !broken.contains($0.run) }
    for run in broken {
      let left = pages.filter { $0.run == run && !grants.contains($0.grant) }
      guard let isReadOnly = left.first?.isReadOnly else { continue }
      do throws(StagingError) {
        kept += try map(left.map(\.grant), isReadOnly: isReadOnly)
      } catch { continue }
    }
    pages = kept
    index = StagedIndex()
    for (place, page) in kept.enumerated() { _ = index.insert(page.grant, at: place) }
  }

  /// Maps pages with one call.
  private func map(
    _ grants: [GrantReference], isReadOnly: Bool
  ) throws(StagingError) -> [StagedPage] {
    guard !grants.isEmpty else { return [] }
    let access: GrantAccess = isReadOnly ? .readOnly : .readWrite
    do throws(GrantError) {
      let mapped = try base.map(grants.span, of: domain, access: access)
      runs += 1
      return grants.enumerated().map { place, grant in
        StagedPage(grant, mapped.page(place), isReadOnly: isReadOnly, run: runs)
      }
    } catch { throw .grant(error) }
  }
}

// MARK: - Copies

extension StagingTable {
  /// See `GrantDevice`.
  public func copy(
    _ operations: inout MutableSpan<GrantCopy>, from domain: DomainID,
    into buffer: inout MutableRawSpan
  ) {
    guard isFor(domain) else { return base.copy(&operations, from: domain, into: &buffer) }
    for place in operations.indices {
      guard let page = page(for: operations[place], at: place) else { continue }
      var target = buffer._mutatingExtracting(operations[place].bufferRange)
      page.memory.copyOctets(at: Int(operations[place].pageOffset), into: &target)
      finish(&operations[place])
    }
    guard !others.isEmpty else { return }
    var left = others.mutableSpan
    base.copy(&left, from: domain, into: &buffer)
    takeStatuses(into: &operations)
  }

  /// See `GrantDevice`. What the guest has staged for reading is refused, as Xen refuses to write to a
  /// page that is granted so.
  public func copy(
    _ operations: inout MutableSpan<GrantCopy>, to domain: DomainID, from buffer: RawSpan
  ) {
    guard isFor(domain) else { return base.copy(&operations, to: domain, from: buffer) }
    for place in operations.indices {
      guard let page = page(for: operations[place], at: place) else { continue }
      guard !page.isReadOnly else {
        operations[place].status = .generalError
        continue
      }
      page.memory.setOctets(
        buffer.extracting(operations[place].bufferRange), at: Int(operations[place].pageOffset))
      finish(&operations[place])
    }
    guard !others.isEmpty else { return }
    var left = others.mutableSpan
    base.copy(&left, to: domain, from: buffer)
    takeStatuses(into: &operations)
  }

  private func isFor(_ domain: DomainID) -> Bool { !pages.isEmpty && domain == self.domain }

  /// The page of a copy; `nil` when the copy is left to Xen, with all that it may have to say of it.
  private func page(for operation: GrantCopy, at place: Int) -> StagedPage? {
    if operation.isInPage, let staged = index.place(of: operation.grant) { return pages[staged] }
    others.append(operation)
    places.append(place)
    return nil
  }

  private func finish(_ operation: inout GrantCopy) {
    operation.status = .okay
    tally.slots += 1
    tally.octets += UInt64(operation.length)
  }

  private func takeStatuses(into operations: inout MutableSpan<GrantCopy>) {
    for (other, place) in zip(others, places) { operations[place].status = other.status }
    others.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
  }
}

/// A page that stays mapped until the guest has it removed, or the queue goes.
private final class StagedPage {
  let grant: GrantReference
  let memory: SharedPage
  let isReadOnly: Bool
  /// Which call mapped it: pages of one call are unmapped together.
  let run: UInt64

  init(
    _ grant: GrantReference, _ memory: consuming SharedPage, isReadOnly: Bool, run: UInt64
  ) {
    self.grant = grant
    self.memory = memory
    self.isReadOnly = isReadOnly
    self.run = run
  }
}
