internal import XenInterface
internal import XenRing

/// The grant device of one simulated domain.
final class SimulatedGrantDevice: GrantDevice {
  private let domain: DomainID
  private let hypervisor: Hypervisor
  private let domainLock: DomainLock
  private let tally: Tally

  init(domain: DomainID, hypervisor: Hypervisor) {
    self.domain = domain
    self.hypervisor = hypervisor
    domainLock = hypervisor.lock(of: domain)
    tally = hypervisor.ledger.makeTally()
  }

  deinit { hypervisor.ledger.close(tally) }

  func copy(
    _ operations: inout MutableSpan<GrantCopy>, from source: DomainID,
    into buffer: inout MutableRawSpan
  ) {
    guard let table = hypervisor.table(of: source) else { return refuse(&operations) }
    unsafe buffer.withUnsafeMutableBytes { octets in
      run(&operations) { operation in
        unsafe perform(operation, in: table, for: .readOnly, buffer: octets.count) { page in
          guard let start = octets.baseAddress else { return }
          unsafe (start + Int(operation.bufferOffset)).copyMemory(
            from: page, byteCount: Int(operation.length))
        }
      }
    }
  }

  func copy(_ operations: inout MutableSpan<GrantCopy>, to target: DomainID, from buffer: RawSpan) {
    guard let table = hypervisor.table(of: target) else { return refuse(&operations) }
    unsafe buffer.withUnsafeBytes { octets in
      run(&operations) { operation in
        unsafe perform(operation, in: table, for: .readWrite, buffer: octets.count) { page in
          guard let start = octets.baseAddress else { return }
          unsafe page.copyMemory(
            from: start + Int(operation.bufferOffset), byteCount: Int(operation.length))
        }
      }
    }
  }

  func copy(
    _ operations: inout MutableSpan<ForeignCopy>, from source: DomainID, to target: DomainID
  ) {
    let sources = hypervisor.table(of: source)
    let targets = hypervisor.table(of: target)
    run(&operations) { perform($0, from: sources, to: targets) }
  }

  func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages {
    guard let table = hypervisor.table(of: domain) else {
      hypervisor.ledger.maps.countMap(0)
      throw .refused(.badDomain)
    }
    var (first, others): (GrantPin?, [GrantPin]) = (nil, [])
    let isLying = hypervisor.isLying
    do throws(GrantError) {
      for index in grants.indices {
        if isLying, let lie = hypervisor.nextLie(.map) { throw .refused(lie.status) }
        let pin = try table.pin(grants[index], for: access, by: self.domain)
        if index == 0 { first = pin } else { others.append(pin) }
      }
    } catch {
      // Counts the pages that were pinned, and lets go of them.
      _ = SimulatedMapping(of: table, ledger: hypervisor.ledger, first: first, others: others)
      throw error
    }
    return SimulatedMapping(of: table, ledger: hypervisor.ledger, first: first, others: others)
  }
}

extension SimulatedGrantDevice {
  /// Answers a batch that is to reach a domain that is not there.
  private func refuse(_ operations: inout MutableSpan<GrantCopy>) {
    run(&operations) { _ in .badDomain }
  }

  /// Runs a batch, unless it is to be lied about.
  @inline(__always)
  private func run<Operation: GrantOperation>(
    _ operations: inout MutableSpan<Operation>, _ perform: (Operation) -> GrantStatus
  ) {
    tally.countCopies(operations.count)
    alone {
      guard hypervisor.isLying else {
        for index in operations.indices { operations[index].status = perform(operations[index]) }
        return
      }
      for index in operations.indices {
        switch hypervisor.nextLie(.copy) {
        case nil: operations[index].status = perform(operations[index])
        case .status(let status)?: operations[index].status = status
        case .unwritten?: continue
        case .endOfBatch?: return hypervisor.skipLies(.copy, operations.count - index - 1)
        }
      }
    }
  }

  /// Runs a batch, as the only one of this domain's where copies take the domain's lock.
  @inline(__always)
  private func alone(_ body: () -> Void) {
    if hypervisor.copiesTakeDomainLock { domainLock.hold(body) } else { body() }
  }

  /// One copy in Xen's order of checks: domain, grant, range. An empty one is no exception.
  @inline(__always)
  private func perform(
    _ operation: GrantCopy, in table: GrantTable, for access: GrantAccess, buffer: Int,
    _ move: (UnsafeMutableRawPointer) -> Void
  ) -> GrantStatus {
    precondition(operation.bufferRange.upperBound <= buffer)
    let side = table.beginCopy(operation.grant, for: access, by: domain)
    guard let page = unsafe side.base else { return side.status }
    defer { table.endCopy(side) }
    guard operation.isInPage else { return .badCopyArgument }
    // SAFETY: the page is pinned, the range lies in it, and in the buffer by the precondition.
    unsafe move(page + Int(operation.pageOffset))
    return .okay
  }

  private func perform(
    _ operation: ForeignCopy, from sources: GrantTable?, to targets: GrantTable?
  ) -> GrantStatus {
    guard let sources, let targets else { return .badDomain }
    let source = sources.beginCopy(operation.source, for: .readOnly, by: domain)
    guard let from = unsafe source.base else { return source.status }
    defer { sources.endCopy(source) }
    let target = targets.beginCopy(operation.target, for: .readWrite, by: domain)
    guard let to = unsafe target.base else { return target.status }
    defer { targets.endCopy(target) }
    guard operation.isInPage else { return .badCopyArgument }
    // SAFETY: both pages are pinned, both ranges lie in them.
    unsafe (to + Int(operation.targetOffset)).copyMemory(
      from: from + Int(operation.sourceOffset), byteCount: Int(operation.length))
    return .okay
  }
}

/// An operation that gets a status.
private protocol GrantOperation: BitwiseCopyable {
  var status: GrantStatus { get set }
}

extension GrantCopy: GrantOperation {}
extension ForeignCopy: GrantOperation {}
