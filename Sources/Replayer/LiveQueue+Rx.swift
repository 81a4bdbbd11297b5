import Netfront
import Netif
import RingCases
import XenRing

extension LiveQueue {
  /// Takes what came for the guest, and offers its pages anew, so that the backend does not believe it
  /// stuck.
  mutating func receive() {
    do throws(BackendFault) { arrivals += try receiver.receive() } catch {
      if case .tooManyResponses(let claimed, _) = error, rxBeyond == nil {
        rxBeyond = front.rx.responseConsumer.advanced(by: claimed)
      }
    }
    receiver.refill()
  }

  /// Gives out what has come for the guest.
  mutating func takeArrivals(queue: UInt16) -> [LiveArrival] {
    receive()
    defer { arrivals.removeAll() }
    return arrivals.map { LiveArrival($0, queue: queue) }
  }
}

extension LiveSide {
  /// Whether the backend can be given frames for the guest.
  var takesFrames: Bool { vif.backend.seesFrames }

  /// Gives the backend a frame for the guest, and waits until the guest has it.
  mutating func give(
    _ frame: NetworkFrame, _ digest: FrameDigest
  ) throws(LiveReplayError) -> LiveReceipt {
    guard let path else { return LiveReceipt() }
    var receipt = LiveReceipt()
    receipt.before = takeArrivals()
    do throws(CaseError) { try vif.backend.send([frame], to: path) } catch { throw .vif(error) }
    var come: [LiveArrival] = []
    let vif = vif
    let isAnswered = vif.wait(atMost: vif.patience.rest) {
      come += takeArrivals()
      receipt.isCutOff = vif.backend.isDisabled(path)
      return receipt.isCutOff || come.contains { $0.resembles(frame) }
    }
    if isAnswered, !receipt.isCutOff {
      // What came may be others'.
      _ = vif.wait(atMost: vif.patience.grace) {
        come += takeArrivals()
        return come.contains { $0.digest == digest }
      }
    }
    receipt.sort(come, for: frame, digest)
    receipt.beyond = queues.lazy.compactMap(\.rxBeyond).first
    if receipt.beyond != nil { receipt.isCutOff = true }
    if receipt.isCutOff { isCutOff = true }
    return receipt
  }

  /// What has come for the guest in all queues.
  mutating func takeArrivals() -> [LiveArrival] {
    var come: [LiveArrival] = []
    for number in queues.indices {
      come += queues[number].takeArrivals(queue: UInt16(clamping: number))
    }
    return come
  }
}
