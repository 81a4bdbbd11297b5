import Netback
import Netfront
import Netif
import XenInterface

// Where data comes over staged pages, all pages of the replay's guest are staged, whatever the recorded
// guest had done; by the path of the header area, those of the area. But not one whose operation failed,
// while the turn runs in which it did.

extension QueueReplay {
  /// Has the backend keep the guest's pages mapped, where data comes so.
  func stagePages() throws(ReplayError) {
    guard let staging = queue.staging else { return }
    do throws(StagingError) { try staging.add(keptPages) } catch {
      guard case .grant(let error) = error else { throw .grant(.exhausted) }
      throw .grant(error)
    }
  }

  /// What the backend is to keep mapped of the guest's.
  private var keptPages: [StagedGrant] {
    let path = judge.context.configuration.path
    let headers = (front.headerPages?.grants ?? []).map {
      StagedGrant(grant: $0, isReadOnly: true)
    }
    if path.keepsPages { return front.stagedPages + headers }
    return path == .header ? headers : []
  }

  /// Makes what is done with a page fail, until it is mended.
  func fail(_ grant: GrantReference, with status: GrantStatus) {
    queue.staging?.remove([grant])
    judge.inject(status, for: grant)
  }

  /// Leaves what is done with the page of a TX slot to Xen again.
  func mend(tx place: Int) { mend(slots.tx.grant(at: place)) }

  /// The same of an RX slot.
  func mend(rx place: Int) { mend(slots.rx.grant(at: place)) }

  private func mend(_ grant: GrantReference) {
    judge.inject(nil, for: grant)
    // One that cannot be mapped again is copied from now on.
    try? queue.staging?.add(keptPages.filter { $0.grant == grant })
  }
}
