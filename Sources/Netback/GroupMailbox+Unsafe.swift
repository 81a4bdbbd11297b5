internal import Synchronization

/// One order at a time from the worker that follows the store to a group, which looks for it at the
/// beginning of a step: one load of a flag, no lock.
// SAFETY: `order` is written while the flag is down, by the one who gives orders, and read while it is
// up, by the group. Each side changes the flag, with release, when it is done with the order.
final class GroupMailbox: @unchecked Sendable {
  private var order: (() -> Void)?
  private let isPosted = Atomic<Bool>(false)

  /// Whether an order waits or is being done.
  var hasMail: Bool { isPosted.load(ordering: .acquiring) }

  /// Leaves an order.
  ///
  /// - Precondition: the one before is done.
  func post(_ order: @escaping () -> Void) {
    precondition(!hasMail)
    self.order = order
    isPosted.store(true, ordering: .releasing)
  }

  /// Does the order that waits, if there is one.
  func read() {
    guard hasMail else { return }
    order?()
    order = nil
    isPosted.store(false, ordering: .releasing)
  }
}
