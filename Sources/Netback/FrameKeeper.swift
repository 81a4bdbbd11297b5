import Netif
import XenInterface
import XenRing

/// Which frames of a queue are held beyond their delivery, and how many may be.
final class FrameKeeper {
  /// Where their ends are told.
  let mailbox: ReleaseMailbox
  /// Frames that are held.
  private(set) var count = 0
  private let limit: Int

  init(limit: Int, wake: (@Sendable () -> Void)?) {
    self.limit = min(limit, ReleaseMailbox.places)
    mailbox = ReleaseMailbox(wake: wake)
  }

  deinit { mailbox.close() }

  /// Holds a frame; `nil` when too many are, or when its pages cannot be mapped.
  func hold(_ frame: TxFrame, of batch: borrowing FrameBatch) -> HeldFrame? {
    let fragments = batch.fragments(frame)
    guard count < limit, fragments.isEmpty || fragments[0].mapping.touch() != nil else {
      return nil
    }
    count += 1
    return HeldFrame(frame, linear: batch.linear(frame), fragments, mailbox)
  }

  /// Hands the heads of frames that have ended to `body`, in the order in which they did.
  func drain(_ body: (RingIndex) -> Void) {
    guard count > 0 else { return }
    mailbox.drain {
      count -= 1
      body($0)
    }
  }
}
