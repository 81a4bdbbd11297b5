import Netif
import XenInterface
import XenRing

extension TxPipeline {
  /// Does the planned copies, delivers what came through whole, and decides the answers.
  ///
  /// - Returns: number of packets that were accepted.
  func execute() -> Int {
    let packets = batch.plan.packets.count
    guard packets > 0 else { return 0 }
    copy()
    let losses = batch.conclude()
    if losses.areAny { context.statistics.count(losses) }
    deliver(batch.outcome)
    batch.end(releasingFrom: context.configuration.order == .ring ? pollStart : nil)
    return packets
  }

  private func copy() {
    let domain = context.configuration.domain
    batch.withCopies { context.grants.copy(&$0, from: domain, into: &$1) }
    guard let tap = context.tap else { return }
    let (copies, frames) = (batch.plan.copies, batch.plan.frames)
    let octets = batch.buffer.octets
    tap.txCopied(
      queue: queue, copies.span, frames: frames.span, buffer: octets.span.octets)
  }

  /// Delivers frames, and lets the dropped ones between them go in their turn: Linux releases in the
  /// order of the packets. A sink may release some, too, and so come back to this object.
  private func deliver(_ outcome: TxBatch.Outcome) {
    let frames = outcome.frames.span
    var next = 0
    for drop in outcome.dropped {
      deliver(frames.extracting(next..<drop.place))
      batch.release(frame: drop.head)
      next = drop.place
    }
    deliver(frames.extracting(next..<frames.count))
  }

  private func deliver(_ frames: Span<TxFrame>) {
    guard !frames.isEmpty else { return }
    var octets: UInt64 = 0
    for place in frames.indices { octets += UInt64(frames[place].length) }
    context.statistics.countSent(packets: UInt64(frames.count), octets: octets)
    let storage = batch.buffer.octets
    context.tap?.txDelivered(queue: queue, frames, octets: storage.span.octets)
    context.sink.deliver(frames, octets: storage.span.octets, queue: queue)
  }
}

extension VifStatistics {
  fileprivate mutating func count(_ losses: TxBatch.Losses) {
    txGrantFailures += losses.grantFailures
    txHeaderDrops += losses.headerDrops
  }

  fileprivate mutating func countSent(packets: UInt64, octets: UInt64) {
    txPackets += packets
    txOctets += octets
  }
}
