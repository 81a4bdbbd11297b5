import Netback
import Netfront
import Netif
import SimulatedXen
public import XenInterface
import XenRing

/// Frames of the caller's, on the first queue, in place of traffic that a seed decides.
extension SimulatedGuest {
  /// How long a frame takes at most, in nanoseconds of the machine's clock.
  private static let patience: UInt64 = 10_000

  /// Lets time pass while both ends do what there is to do.
  public func pass(until time: MonotonicInstant) throws(SimulationError) {
    _ = machine.loop.run(until: time) { false }
    try collect()
  }

  /// Has the guest send a frame.
  public func send(_ frame: RawSpan) throws(SimulationError) {
    do throws(SendError) { _ = try senders[0].send(frame) } catch { throw .frame(error) }
    front.queues[0].tx.publish()
    try work()
  }

  /// Has a frame come from the network for the guest, which has pages for it.
  ///
  /// - Returns: whether the backend took it.
  public func deliver(_ frame: RawSpan) throws(SimulationError) -> Bool {
    receivers[0].refill()
    let isTaken = device.send(frame, offload: .init(), queue: 0, now: now)
    try work()
    return isTaken
  }

  private func work() throws(SimulationError) {
    _ = worker.step(now: now)
    try pass(until: now.advanced(by: Self.patience))
  }

  private func collect() throws(SimulationError) {
    do throws(BackendFault) {
      _ = try senders[0].collect()
      _ = try receivers[0].receive()
    } catch { throw .backend(error) }
  }
}
