import Netif
import XenInterface
import XenRing

// What a guest asks of the staging table of a queue. The list of a message is copied once, before
// anything of it is looked at.

extension VifContext {
  /// Does what a staging message asks (its first argument is the queue).
  func stage(_ request: ControlRequest) -> ControlOutcome {
    guard configuration.path == .staged else { return (.notSupported, 0) }
    let rules = configuration.controlRules
    guard request.data0 < UInt32(clamping: staging.count) || !rules.checksStagedQueue else {
      return (.invalidParameter, 0)
    }
    let table = staging[Int(request.data0) % staging.count]
    let page = ControlPage(grant: GrantReference(rawValue: request.data1), context: self)
    switch ControlMessage(rawValue: request.type) {
    case .addGrantMapping: return table.add(page, count: request.data2, rules)
    case .deleteGrantMapping: return table.remove(page, count: request.data2, rules)
    default: return (.success, UInt32(StagingTable.capacity))
    }
  }
}

extension VifContext {
  /// Whether a message may have hundreds of pages mapped.
  func takesLong(_ request: ControlRequest) -> Bool {
    switch ControlMessage(rawValue: request.type) {
    case .addGrantMapping, .deleteGrantMapping: request.data0 < UInt32(clamping: staging.count)
    default: false
    }
  }
}

extension StagingTable {
  fileprivate func add(
    _ page: ControlPage, count: UInt32, _ rules: ControlRules
  ) -> ControlOutcome {
    guard let list = page.list(of: count, rules) else { return (.invalidParameter, 0) }
    guard rules.stagesWhole else {
      for entry in list { try? add([entry], by: rules) }
      return (.success, 0)
    }
    do throws(StagingError) { try add(list, by: rules) } catch { return (.invalidParameter, 0) }
    return (.success, 0)
  }

  /// Statuses are written before anything is unmapped: a list that cannot be written to changes
  /// nothing.
  ///
  /// No page is in use here: data is copied in the poll that takes its slot, and messages are answered
  /// between polls. A slot that is published and not yet taken has its data copied by Xen then.
  fileprivate func remove(
    _ page: ControlPage, count: UInt32, _ rules: ControlRules
  ) -> ControlOutcome {
    guard var list = page.list(of: count, rules) else { return (.invalidParameter, 0) }
    var gone: Set<GrantReference> = []
    for place in list.indices {
      let isThere = holds(list[place].grant) && gone.insert(list[place].grant).inserted
      let status: ControlStatus = isThere ? .success : .invalidParameter
      list[place].status = UInt16(status.rawValue)
    }
    let octets = list.flatMap(\.octets)
    let isWritten = list.isEmpty || page.write(octets.span.octets)
    guard isWritten || !rules.writesStatuses else { return (.invalidParameter, 0) }
    remove(gone)
    return (.success, UInt32(rules.countsStaged ? gone.count : list.count))
  }
}

extension ControlPage {
  /// The list that the page holds; `nil` when it is too long for a page, or Xen refuses. For an empty
  /// one Xen is not asked.
  fileprivate func list(of count: UInt32, _ rules: ControlRules) -> [StagedGrant]? {
    guard count > 0 else { return [] }
    guard count <= rules.stagedEntries else { return nil }
    var octets = [UInt8](repeating: 0, count: Int(count) * StagedGrant.octetCount)
    var storage = octets.mutableSpan
    var target = storage.octets
    guard copy(into: &target) else { return nil }
    return (0..<Int(count)).map { StagedGrant(in: octets.span.octets, at: $0) }
  }
}
