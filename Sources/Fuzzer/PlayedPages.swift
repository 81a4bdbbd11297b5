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
  private var balance = PlayedBalance()
  /// Whether maps count where Xen lies: not where who maps first is the backend's business.
  private let liesAboutMaps: Bool
  /// What Xen does not do for the netback, and for the models.
  private var lies = PlayedLies()
  private var expectedLies = PlayedLies()

  init(liesAboutMaps: Bool) { self.liesAboutMaps = liesAboutMaps }

  /// Pages that are mapped, each as often as it is.
  var mapped: Int { balance.mapped }

  /// Begins anew, with all pages as they were at first. What is mapped still is nobody's any more.
  func restart() {
    if mapped > 0 { balance = PlayedBalance() }
    (lies, expectedLies) = (PlayedLies(), PlayedLies())
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

  func lie(ahead: UInt8, _ status: Int16) {
    lies.add(ahead: ahead, status: status)
    expectedLies.add(ahead: ahead, status: status)
  }

  func write(_ page: UInt8, at offset: Int, _ source: RawSpan) {
    let count = min(source.byteCount, RingLayout.pageSize - offset)
    let source = source.extracting(first: count)
    isChanged[Int(page)] = true
    octets[Int(page)].set(source, at: offset)
    expected[Int(page)].set(source, at: offset)
  }

  // MARK: - What the model does

  /// A page that may be copied from.
  func readable(_ reference: UInt32) -> [UInt8]? {
    expected(reference, refusal(of: reference, writes: false, expectedLies.next()))
  }

  /// A page that may be mapped to be read.
  func mappable(_ reference: UInt32) -> [UInt8]? {
    let lie = liesAboutMaps ? expectedLies.next() : nil
    return expected(reference, refusal(of: reference, writes: false, lie))
  }

  private func expected(_ reference: UInt32, _ refusal: GrantStatus?) -> [UInt8]? {
    guard refusal == nil else { return nil }
    return ScenarioGrant.page(of: reference).map { expected[$0] }
  }

  /// Writes into a page.
  ///
  /// - Returns: what Xen says, when it does not do it.
  func expect(_ source: ArraySlice<UInt8>, in reference: UInt32, at offset: Int) -> GrantStatus? {
    if let refusal = refusal(of: reference, writes: true, expectedLies.next()) { return refusal }
    guard let page = ScenarioGrant.page(of: reference) else { return .badGrantReference }
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

  /// Why an operation is not done, if it is not.
  private func refusal(
    of reference: UInt32, writes: Bool, _ lie: GrantStatus?
  ) -> GrantStatus? {
    if let lie { return lie }
    guard let page = ScenarioGrant.page(of: reference) else { return .badGrantReference }
    if refusals[page] != 0 { return GrantStatus(rawValue: refusals[page]) }
    switch access[page] {
    case .none: return .badGrantReference
    case .read: return writes ? .generalError : nil
    case .write: return nil
    }
  }

  private func page(
    of grant: GrantReference, writes: Bool, _ lie: GrantStatus?
  ) -> (page: Int, status: GrantStatus) {
    let refusal = refusal(of: grant.rawValue, writes: writes, lie)
    return (ScenarioGrant.page(of: grant.rawValue) ?? 0, refusal ?? .okay)
  }

  private func page(of operation: GrantCopy, writes: Bool) -> (page: Int, status: GrantStatus) {
    let (page, status) = page(of: operation.grant, writes: writes, lies.next())
    return (page, status != .okay || operation.isInPage ? status : .badCopyArgument)
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
      put(buffer.extracting(operation.bufferRange), in: page, at: Int(operation.pageOffset))
    }
  }

  /// What a backend writes into a page, by a copy or where it has mapped it.
  func put(_ source: RawSpan, in page: Int, at offset: Int) {
    octets[page].set(source, at: offset)
    (isChanged[page], isWritten[page]) = (true, true)
  }

  func copy(
    _ operations: inout MutableSpan<ForeignCopy>, from source: DomainID, to target: DomainID
  ) {
    for place in operations.indices { operations[place].status = .permissionDenied }
  }

  func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages {
    operations += grants.count
    var (numbers, refusal) = ([Int](), GrantStatus?.none)
    for place in grants.indices {
      let lie = liesAboutMaps ? lies.next() : nil
      let (page, status) = page(of: grants[place], writes: access == .readWrite, lie)
      if status != .okay { refusal = refusal ?? status }
      numbers.append(page)
    }
    if let refusal { throw .refused(refusal) }
    return PlayedMapping(of: self, numbers, balance)
  }
}

extension [UInt8] {
  fileprivate mutating func set(_ source: RawSpan, at offset: Int) {
    var span = mutableSpan
    var octets = span.octets
    octets.setOctets(source, at: offset)
  }
}
