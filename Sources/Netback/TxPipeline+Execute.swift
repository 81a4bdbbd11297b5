import Netif
import XenInterface
import XenRing

extension TxPipeline {
  /// Does the planned copies and maps, delivers what came through whole, and decides the answers.
  ///
  /// - Returns: number of packets that were accepted.
  func execute() -> Int {
    let packets = batch.plan.packets.count
    guard packets > 0 else { return 0 }
    copy()
    map()
    let losses = batch.conclude()
    if losses.areAny { context.counters.count(losses) }
    isDelivering = true
    deliver(batch.outcome)
    isDelivering = false
    batch.end(releasingFrom: context.configuration.order == .ring ? pollStart : nil)
    return packets
  }

  private func copy() {
    let domain = context.configuration.domain
    if let staging, staging.followsRequests {
      for wish in batch.plan.wishes {
        staging.follow(wish.grant, persists: wish.persists, isReadOnly: true)
      }
    }
    batch.withCopies { copier.copy(&$0, from: domain, into: &$1) }
    if let staging {
      context.counters.txStaged.grow(by: staging.takeTally())
      staging.letGo()
    }
    if context.tap != nil { tellCopied() }
  }

  /// Maps what the packets have behind their first octets, a packet's pages with one call; but what
  /// is mapped only when it is touched waits for that, unless somebody watches who touches all.
  private func map() {
    guard !batch.plan.maps.isEmpty else { return }
    let isLazy = context.configuration.path.isLazy && context.tap == nil
    for packet in batch.plan.packets.indices where !batch.plan.packets[packet].maps.isEmpty {
      let mapping = batch.mapping(
        ofPacket: packet, of: context.configuration.domain, device: context.grants)
      if !isLazy { _ = mapping.map() }
      let fragments = batch.take(mapping, ofPacket: packet)
      if context.tap != nil { tellMapped(mapping, packet, fragments) }
    }
  }

  /// Unmaps the pages of released frames, all together.
  func unmap() {
    guard !batch.unmapping.isEmpty else { return }
    var mappings = batch.takeUnmapping()
    if mappings.contains(where: \.isMapped) { context.counters.txUnmapBatches.grow() }
    for mapping in mappings {
      if mapping.isMapped {
        context.counters.txUnmappedPages.grow(by: UInt64(mapping.grants.count))
        if mapping.isTouched { context.counters.txTouched.grow() }
        context.tap?.txUnmapped(queue: queue, mapping)
      } else if mapping.failures != nil {
        context.counters.txGrantFailures.grow()
      }
      mapping.release()
    }
    batch.takeBack(&mappings)
  }

  /// Delivers frames, and lets the dropped ones between them go in their turn: Linux releases in the
  /// order of the packets. A sink may release some, too, and so come back to this object.
  private func deliver(_ outcome: TxBatch.Outcome) {
    let octets = batch.buffer.octets
    let all = FrameBatch(
      outcome.frames.span, octets: octets.span.octets, fragments: outcome.fragments.span,
      keeper: keeper)
    var next = 0
    for drop in outcome.dropped {
      deliver(all.extracting(next..<drop.place))
      batch.release(frame: drop.head)
      next = drop.place
    }
    deliver(all.extracting(next..<outcome.frames.count))
  }

  private func deliver(_ frames: FrameBatch) {
    guard !frames.frames.isEmpty else { return }
    var octets: UInt64 = 0
    for place in frames.frames.indices { octets += UInt64(frames.frames[place].length) }
    context.counters.countSent(packets: UInt64(frames.frames.count), octets: octets)
    context.tap?.txDelivered(queue: queue, frames)
    context.sink.deliver(frames, queue: queue)
  }
}

extension QueueCounters {
  fileprivate func count(_ losses: TxBatch.Losses) {
    txGrantFailures.grow(by: losses.grantFailures)
    txHeaderDrops.grow(by: losses.headerDrops)
  }

  fileprivate func countSent(packets: UInt64, octets: UInt64) {
    txPackets.grow(by: packets)
    txOctets.grow(by: octets)
  }
}
