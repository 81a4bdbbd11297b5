public import Netif
public import XenInterface
import XenRing

/// A page for the lists of staging messages, and the messages that point at it. What is written and what
/// a message says of it need not agree.
public final class StagingList {
  private let page: any GrantedPages

  /// Grants a page.
  ///
  /// - Parameters:
  ///   - backend: the domain that is granted to.
  ///   - allocator: where the page comes from.
  ///   - access: what the backend may do with it; one that deletes has to write.
  public init(
    for backend: DomainID, allocator: any GrantAllocator, access: GrantAccess = .readWrite
  ) throws(GrantError) {
    page = try allocator.share(1, with: backend, access: access)
  }

  /// The reference under which the backend reaches the list.
  public var grant: GrantReference { page.grants[0] }

  /// Writes entries from place `first` on.
  ///
  /// - Precondition: they fit a page.
  public func write(_ entries: [StagedGrant], at first: Int = 0) {
    let octets = entries.flatMap(\.octets)
    page.setOctets(octets.span.octets, page: 0, at: first * StagedGrant.octetCount)
  }

  /// The first entries, with what the backend wrote beside them.
  ///
  /// - Precondition: they fit a page.
  public func entries(_ count: Int) -> [StagedGrant] {
    var octets = [UInt8](repeating: 0, count: count * StagedGrant.octetCount)
    var storage = octets.mutableSpan
    var target = storage.octets
    page.copyOctets(page: 0, at: 0, into: &target)
    return (0..<count).map { StagedGrant(in: octets.span.octets, at: $0) }
  }

  /// Asks to keep the pages of the first `count` entries mapped.
  public func adding(_ count: Int, to queue: Int, id: UInt16 = 0) -> ControlRequest {
    message(.addGrantMapping, count, queue, id)
  }

  /// Asks to keep them no longer.
  public func deleting(_ count: Int, from queue: Int, id: UInt16 = 0) -> ControlRequest {
    message(.deleteGrantMapping, count, queue, id)
  }

  private func message(
    _ message: ControlMessage, _ count: Int, _ queue: Int, _ id: UInt16
  ) -> ControlRequest {
    ControlRequest(
      id: id, type: message.rawValue, data0: UInt32(truncatingIfNeeded: queue),
      data1: grant.rawValue, data2: UInt32(truncatingIfNeeded: count))
  }
}
