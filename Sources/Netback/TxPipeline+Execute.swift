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
    let losses = batch.conclude(into: &delivery)
    if losses.areAny { context.counters.count(losses) }
    isDelivering = true
    deliver(delivery)
    isDelivering = false
    delivery.end()
    batch.end(releasingFrom: order == .ring ? pollStart : nil)
    return packets
  }

  private func copy() {
    if let staging, staging.followsRequests {
      for wish in batch.plan.wishes {
        staging.follow(wish.grant, persists: wish.persists, isReadOnly: true)
      }
    }
    delivery.buffer.reserve(Int(batch.plan.fill))
    let copier = copier
    batch.plan.withCopies { operations in
      delivery.buffer.withOctets { copier.copy(&operations, from: domain, into: &$0) }
    }
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
    let isWatched = context.tap != nil
    let wish = TxBatch.MapWish(
      domain: domain, device: context.grants,
      isLazy: context.configuration.path.isLazy && !isWatched, isWatched: isWatched)
    var next = 0
    while let result = batch.map(from: &next, as: wish, into: &delivery) { tellMapped(result) }
  }

  /// Unmaps the pages of released frames, all together.
  func unmap() {
    guard !batch.unmapping.isEmpty else { return }
    var mappings = batch.takeUnmapping()
    var pages = 0
    for mapping in mappings {
      if let tap = context.tap, mapping.isMapped { tap.txUnmapped(queue: queue, mapping) }
      switch mapping.release() {
      case .unmapped(let count, let isTouched):
        pages += count
        if isTouched { context.counters.txTouched.grow() }
      case .failed: context.counters.txGrantFailures.grow()
      case .untouched: break
      }
    }
    if pages > 0 {
      context.counters.txUnmapBatches.grow()
      context.counters.txUnmappedPages.grow(by: UInt64(pages))
    }
    batch.takeBack(&mappings)
  }

  /// Delivers frames, and lets the dropped ones between them go in their turn: Linux releases in the
  /// order of the packets. A sink may release some, too, and so come back to this object.
  private func deliver(_ delivery: borrowing TxDelivery) {
    let all = FrameBatch(
      delivery.frames.span, octets: delivery.buffer.octets.span.octets,
      fragments: delivery.fragments.span, keeper: keeper)
    var next = 0
    for drop in delivery.dropped {
      deliver(all.extracting(next..<drop.place))
      batch.release(frame: drop.head)
      next = drop.place
    }
    deliver(all.extracting(next..<delivery.frames.count))
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
