import Netback
import RingCases
import XenInterface
import XenRing

/// The guest's pages, and Xen: what may be done with each, and what it answers.
///
/// The netback writes into `octets`, the model into `expected`.
final class PlayedPages: GrantDevice {
  private static let fresh = (0..<ScenarioGrant.pages).map(CasePages.octets)

  /// The pages.
  private(set) var octets = fresh
  /// The pages as they ought to be.
  private(set) var expected = fresh
  private var access = [ScenarioAccess](repeating: .write, count: ScenarioGrant.pages)
  private var refusals = [Int16](repeating: 0, count: ScenarioGrant.pages)
  /// Pages that a backend may have written into since they were last compared.
  private var isWritten = [Bool](repeating: false, count: ScenarioGrant.pages)
  /// Pages that are not as they were at first, nor what may be done with them.
  private var isChanged = [Bool](repeating: false, count: ScenarioGrant.pages)
  /// Operations that the netback asked for.
  private(set) var operations = 0

  /// Begins anew, with all pages as they were at first.
  func restart() {
    for page in isChanged.indices where isChanged[page] {
      (access[page], refusals[page]) = (.write, 0)
      (isChanged[page], isWritten[page]) = (false, false)
      let fresh = Self.fresh[page]
      octets[page].set(fresh.span.octets, at: 0)
      expected[page].set(fresh.span.octets, at: 0)
    }
  }

  // MARK: - What the guest does

  func allow(_ page: UInt8, _ access: ScenarioAccess) {
    self.access[Int(page)] = access
    isChanged[Int(page)] = true
  }

  func refuse(_ page: UInt8, _ status: Int16) {
    refusals[Int(page)] = status
    isChanged[Int(page)] = true
  }

  func write(_ page: UInt8, at offset: Int, _ source: RawSpan) {
    let count = min(source.byteCount, RingLayout.pageSize - offset)
    let source = source.extracting(first: count)
    isChanged[Int(page)] = true
    octets[Int(page)].set(source, at: offset)
    expected[Int(page)].set(source, at: offset)
  }

  // MARK: - What the model does

  /// A page that may be read.
  func readable(_ reference: UInt32) -> [UInt8]? {
    guard let page = ScenarioGrant.page(of: reference), answer(page, writes: false) == nil else {
      return nil
    }
    return expected[page]
  }

  /// Writes into a page.
  ///
  /// - Returns: what Xen says, when it does not do it.
  func expect(_ source: ArraySlice<UInt8>, in reference: UInt32, at offset: Int) -> GrantStatus? {
    guard let page = ScenarioGrant.page(of: reference) else { return .badGrantReference }
    if let refusal = answer(page, writes: true) { return refusal }
    expected[page].replaceSubrange(offset..<offset + source.count, with: source)
    (isChanged[page], isWritten[page]) = (true, true)
    return nil
  }

  /// A page that is not what it ought to be.
  func firstDifference() -> Int? {
    var difference: Int?
    for page in isWritten.indices where isWritten[page] {
      isWritten[page] = false
      let (held, wanted) = (octets[page], expected[page])
      let isRight = held.span.octets.holdsSame(as: wanted.span.octets)
      if !isRight { difference = difference ?? page }
    }
    return difference
  }

  // MARK: - What Xen does

  private func answer(_ page: Int, writes: Bool) -> GrantStatus? {
    if refusals[page] != 0 { return GrantStatus(rawValue: refusals[page]) }
    switch access[page] {
    case .none: return .badGrantReference
    case .read: return writes ? .generalError : nil
    case .write: return nil
    }
  }

  private func page(of operation: GrantCopy, writes: Bool) -> (page: Int, status: GrantStatus) {
    guard let page = ScenarioGrant.page(of: operation.grant.rawValue) else {
      return (0, .badGrantReference)
    }
    let answer = answer(page, writes: writes)
    return (page, answer ?? (operation.isInPage ? .okay : .badCopyArgument))
  }

  func copy(
    _ operations: inout MutableSpan<GrantCopy>, from domain: DomainID,
    into buffer: inout MutableRawSpan
  ) {
    self.operations += operations.count
    for place in operations.indices {
      let operation = operations[place]
      let (page, status) = page(of: operation, writes: false)
      operations[place].status = status
      guard status == .okay else { continue }
      let (held, first) = (octets[page], Int(operation.pageOffset))
      buffer.setOctets(
        held.span.octets.extracting(first..<first + Int(operation.length)),
        at: Int(operation.bufferOffset))
    }
  }

  func copy(_ operations: inout MutableSpan<GrantCopy>, to domain: DomainID, from buffer: RawSpan) {
    self.operations += operations.count
    for place in operations.indices {
      let operation = operations[place]
      let (page, status) = page(of: operation, writes: true)
      operations[place].status = status
      guard status == .okay else { continue }
      octets[page].set(
        buffer.extracting(operation.bufferRange), at: Int(operation.pageOffset))
      (isChanged[page], isWritten[page]) = (true, true)
    }
  }

  func copy(
    _ operations: inout MutableSpan<ForeignCopy>, from source: DomainID, to target: DomainID
  ) {
    for place in operations.indices { operations[place].status = .permissionDenied }
  }

  func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages { throw .refused(.permissionDenied) }
}

extension [UInt8] {
  fileprivate mutating func set(_ source: RawSpan, at offset: Int) {
    var span = mutableSpan
    var octets = span.octets
    octets.setOctets(source, at: offset)
  }
}
