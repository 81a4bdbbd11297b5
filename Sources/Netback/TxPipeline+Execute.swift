import Netif
import XenInterface
import XenRing

extension TxPipeline {
  /// Does the planned copies, delivers what came through whole, and decides the answers.
  func execute() {
    guard packetCount > 0 else { return }
    let domain = context.configuration.domain
    plan.withCopies { operations in
      buffer.withOctets { context.grants.copy(&operations, from: domain, into: &$0) }
    }
    if let tap = context.tap {
      let (planned, octets) = (plan.packets.map(\.frame), buffer.octets)
      tap.txCopied(
        queue: queue, plan.copies.span, frames: planned.span, buffer: octets.span.octets)
    }
    for packet in plan.packets { conclude(packet) }
    deliver()
    plan.reset()
  }

  private func conclude(_ packet: PlannedPacket) {
    guard settle(packet) else {
      context.statistics.txGrantFailures += 1
      return
    }
    hold(packet)
    guard let frame = finished(packet) else {
      context.statistics.txHeaderDrops += 1
      dropped.append((packet.frame.head, frames.count))
      return
    }
    frames.append(frame)
  }

  /// Reads the frame's headers where its checksum is blank; `nil` drops the frame.
  private func finished(_ packet: PlannedPacket) -> TxFrame? {
    var frame = packet.frame
    let forgot = frame.offload.checksum != .partial && frame.offload.segmentation != nil
    if forgot { frame.offload.checksum = .partial }
    guard frame.offload.checksum == .partial else { return frame }
    let isReadable = buffer.setUpChecksum(
      start: Int(frame.start), length: Int(frame.length), recalculate: forgot)
    return isReadable ? frame : nil
  }

  private func hold(_ packet: PlannedPacket) {
    for place in packet.held {
      held.append(HeldSlot(head: packet.frame.head, answer: plan.slots[place].answer))
    }
  }

  /// Delivers the frames, and lets the dropped ones between them go in their turn: Linux releases
  /// in the order of the packets.
  private func deliver() {
    deliver(frames)
    if context.configuration.order == .ring { releaseDelivered() }
    frames.removeAll(keepingCapacity: true)
    dropped.removeAll(keepingCapacity: true)
  }

  /// - Parameter batch: `frames`, as a sink may release some, and so come back to this object.
  private func deliver(_ batch: [TxFrame]) {
    var next = 0
    for drop in dropped {
      deliver(batch.span.extracting(next..<drop.place))
      release(frame: drop.head)
      next = drop.place
    }
    deliver(batch.span.extracting(next..<batch.count))
  }

  private func deliver(_ batch: Span<TxFrame>) {
    guard !batch.isEmpty else { return }
    context.statistics.txPackets += UInt64(batch.count)
    for place in batch.indices { context.statistics.txOctets += UInt64(batch[place].length) }
    let storage = buffer.octets
    context.tap?.txDelivered(queue: queue, batch, octets: storage.span.octets)
    context.sink.deliver(batch, octets: storage.span.octets, queue: queue)
  }

  private func releaseDelivered() {
    for frame in frames { release(frame: frame.head) }
    answers.sort { $0.request.distance(from: pollStart) < $1.request.distance(from: pollStart) }
  }
}
