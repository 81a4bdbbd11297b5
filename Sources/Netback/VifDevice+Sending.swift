public import Netif
public import XenInterface
import XenRing

extension VifDevice {
  /// Hands a frame from the network to the guest: into its pages at once where it has staged them
  /// (`RxQueue.send`), into its queue else. The frontend is told.
  ///
  /// - Parameters:
  ///   - octets: the frame.
  ///   - offload: what is left to be done to it.
  ///   - queue: see `Vif.send`.
  ///   - now: the time by the clock of the worker's loop.
  /// - Returns: whether it was taken. Multicast that the guest did not ask for is not.
  public func send(
    _ octets: RawSpan, offload: FrameOffload, queue: Int, now: MonotonicInstant
  ) -> Bool {
    guard let (chosen, offload) = vif.choose(for: octets, offload, queue: queue) else {
      return false
    }
    let sending = running[chosen].queue.rx.send(octets, offload: offload, now: now)
    if sending.notification == .required { running[chosen].notifyRx() }
    return sending.isTaken
  }
}
