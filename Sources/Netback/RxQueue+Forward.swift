import Netif
public import XenInterface
import XenRing

extension RxQueue where Memory: ~Copyable {
  /// Hands frames of another vif's poll straight to the guest: what lies in the other guest's pages is
  /// copied from there, and not mapped for it.
  ///
  /// Nothing is taken while frames wait, which would be overtaken, and nothing while somebody watches,
  /// who is to see all octets.
  ///
  /// - Returns: how many were taken, the first ones of `batch`, and whether the frontend asked to be
  ///   told.
  @_specialize(where Memory == SharedPage)
  public func forward(_ batch: borrowing FrameBatch, now: MonotonicInstant) -> RxPoll {
    context.refresh()
    guard isOpen, context.tap == nil, waiting.count == 0 else {
      return RxPoll()
    }
    plan.gather(from: batch, &ring, limit: Self.batch, configuration: context.configuration)
    guard plan.packets > 0 else { return RxPoll() }
    liveness.delivered(now: now)
    copy(from: batch.octets)
    copyForeign(batch)
    context.counters.rxForwarded.grow(by: UInt64(plan.packets))
    return conclude()
  }

  private func copyForeign(_ batch: borrowing FrameBatch) {
    guard let source = batch.source else { return }
    let domain = context.configuration.domain
    plan.withForeignCopies { context.grants.copy(&$0, from: source, to: domain) }
  }
}
