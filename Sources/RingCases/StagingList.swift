import Netif
import XenInterface
import XenRing

/// A list of pages that a staging message points at. Pages have numbers, for which each player has references.
public struct StagingList: Hashable, Sendable {
  /// One page of the list.
  struct Entry: Hashable {
    var page: Int
    var isReadOnly = false
  }

  /// How the guest has granted the page that the list is in.
  enum Access: Hashable { case full, readOnly, revoked }

  /// The page that is granted for reading only. Those below may be written to, those above were never granted.
  static let readOnlyPage = 1025

  var entries: [Entry]
  var access = Access.full

  init(_ entries: [Entry], _ access: Access = .full) {
    self.entries = entries
    self.access = access
  }

  init(_ pages: Range<Int>) { self.init(pages.map { Entry(page: $0) }) }

  /// The list as it stands in its page.
  func octets(_ reference: (Int) -> GrantReference) -> [UInt8] {
    entries.flatMap {
      StagedGrant(grant: reference($0.page), isReadOnly: $0.isReadOnly).octets
    }
  }
}

extension ControlSlot {
  /// A staging message.
  ///
  /// - Parameter count: entries that it claims; those of the list when left out.
  init(_ message: ControlMessage, queue: UInt32, _ list: StagingList? = nil, count: UInt32? = nil) {
    self.init(message.rawValue, queue, 0, count ?? UInt32(list?.entries.count ?? 0))
    self.list = list
  }
}

/// The pages that a guest may have staged, granted as they are needed, and the lists of a publish.
final class StagingPages {
  private let vif: CaseVif
  private var pages: [any GrantedPages] = []
  private var readOnly: (any GrantedPages)?
  private var lists: [any GrantedPages] = []
  private var revoked: [any GrantedPages] = []

  init(on vif: CaseVif) { self.vif = vif }

  /// All messages of a publish are written: lists that are to be gone go now, so that no other gets their
  /// references.
  func revoke() { revoked = [] }

  /// The messages of the last publish are answered.
  func forgetLists() { lists = [] }

  /// Grants a list, and the pages that it names.
  func grant(of list: StagingList) throws(CaseError) -> GrantReference {
    var references: [Int: GrantReference] = [:]
    for entry in list.entries { references[entry.page] = try reference(to: entry.page) }
    let octets = list.octets { references[$0] ?? Self.unknown }
    let shared = try vif.share([octets], access: list.access == .readOnly ? .readOnly : .readWrite)
    if list.access == .revoked { revoked.append(shared) } else { lists.append(shared) }
    return shared.grants[0]
  }

  private static let unknown = CaseGrant.unknown.reference(among: [], revoked: nil)

  private func reference(to page: Int) throws(CaseError) -> GrantReference {
    guard page < StagingList.readOnlyPage else {
      guard page == StagingList.readOnlyPage else { return Self.unknown }
      if readOnly == nil { readOnly = try vif.share([[]], access: .readOnly) }
      return readOnly?.grants[0] ?? Self.unknown
    }
    while pages.count <= page { pages.append(try vif.share([[]], access: .readWrite)) }
    return pages[page].grants[0]
  }
}
