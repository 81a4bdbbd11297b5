import Netback
import Netfront
import XenInterface

/// Serves one vif with an echo behind it, on whichever Xen its interface is to.
final class EchoServer: Worker {
  let device: VifDevice
  private let echo = Echo()
  private let worker: NetbackWorker

  /// - Throws: `VifError.missingKey` when no toolstack has made the vif.
  init(_ vif: VifPath, xen: DomainInterface) throws(VifError) {
    device = try VifDevice(
      configuration: VifConfiguration(domain: vif.frontendDomain, handle: vif.handle),
      offer: VifOffer(maximumQueues: 1, waitsForHotplug: false), xen: xen, sink: echo)
    worker = NetbackWorker(xen: xen)
    worker.add(device)
  }

  /// Called by a loop when something has happened or the time has come that it named.
  func step(now: MonotonicInstant) -> MonotonicInstant? {
    let wake = worker.step(now: now)
    // What is queued now is put into the guest's pages by the next poll.
    return echo.giveBack(to: device, now: now) ? now : wake
  }
}
