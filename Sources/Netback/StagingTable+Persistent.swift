import Netif
import XenInterface

// Persistent grants: the guest says in each request whether its page may stay mapped.

extension StagingTable {
  /// Follows what a request says, before its data is copied: a page that may stay is mapped, one that may
  /// not any more goes with `letGo`. What cannot be mapped, or finds no room, is copied by Xen.
  ///
  /// - Parameter isReadOnly: whether the request is one to read from; a page that was mapped so is
  ///   mapped anew to be written to.
  func follow(_ grant: GrantReference, persists: Bool, isReadOnly: Bool) {
    guard persists else {
      if holds(grant) { ending.insert(grant) }
      return
    }
    if !isReadOnly, isReadOnlyPage(grant) { remove([grant]) }
    if !holds(grant) { try? add([StagedGrant(grant: grant, isReadOnly: isReadOnly)]) }
  }

  /// Unmaps the pages whose requests did not say any more that they may stay; before these requests are
  /// answered.
  func letGo() {
    guard !ending.isEmpty else { return }
    remove(ending)
    ending.removeAll()
  }
}
