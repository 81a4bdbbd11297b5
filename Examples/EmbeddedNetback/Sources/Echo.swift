import Netback
import Netif
import XenInterface
import XenRing

/// A network that gives each frame back to the guest that sent it.
final class Echo: FrameSink {
  private var waiting: [(octets: [UInt8], offload: FrameOffload)] = []

  /// Takes what one poll has brought. The guest's pages may be unmapped when the call is over, so
  /// the octets are copied.
  func deliver(_ batch: FrameBatch, queue: UInt16) {
    for place in batch.frames.indices {
      var octets: [UInt8] = []
      guard batch.gather(batch.frames[place], in: &octets) else { continue }
      waiting.append((octets, batch.frames[place].offload))
    }
  }

  /// Queues for the guest what has come, between two polls.
  ///
  /// - Returns: whether there was anything.
  func giveBack(to device: VifDevice, now: MonotonicInstant) -> Bool {
    defer { waiting.removeAll(keepingCapacity: true) }
    for frame in waiting {
      // A guest that offers no pages loses it, as on any network.
      _ = device.send(frame.octets.span.octets, offload: frame.offload, queue: 0, now: now)
    }
    return !waiting.isEmpty
  }
}
