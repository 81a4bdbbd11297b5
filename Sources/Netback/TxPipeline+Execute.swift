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
    if losses.areAny { context.statistics.count(losses) }
    isDelivering = true
    deliver(batch.outcome)
    isDelivering = false
    batch.end(releasingFrom: context.configuration.order == .ring ? pollStart : nil)
    return packets
  }

  private func copy() {
    let domain = context.configuration.domain
    batch.withCopies { context.grants.copy(&$0, from: domain, into: &$1) }
    if context.tap != nil { tellCopied() }
  }

  /// Maps what the packets have behind their first octets, a packet's pages with one call.
  private func map() {
    guard !batch.plan.maps.isEmpty else { return }
    for packet in batch.plan.packets.indices where !batch.plan.packets[packet].maps.isEmpty {
      let maps = batch.plan.packets[packet].maps
      let grants = batch.plan.maps[maps].map(\.grant)
      let domain = context.configuration.domain
      do throws(GrantError) {
        let pages = try context.grants.map(grants.span, of: domain, access: .readOnly)
        batch.take(pages, ofPacket: packet)
      } catch { findFailures(among: grants, at: maps, together: error.status) }
      tellMapped(packet)
    }
  }

  /// The pages of a packet could not be mapped together: maps each alone, for no longer than it takes
  /// to see its status. Where each can be, all have the status that they had together: nothing is
  /// mapped now.
  private func findFailures(
    among grants: [GrantReference], at maps: Range<Int>, together: GrantStatus
  ) {
    let statuses = grants.map(statusAlone)
    let isFound = statuses.contains { $0 != .okay }
    for (status, place) in zip(statuses, maps) {
      batch.plan.maps[place].status = isFound ? status : together
    }
  }

  private func statusAlone(_ grant: GrantReference) -> GrantStatus {
    do throws(GrantError) {
      _ = try context.grants.map(grant, of: context.configuration.domain, access: .readOnly)
      return .okay
    } catch { return error.status }
  }

  private func tellMapped(_ packet: Int) {
    guard let tap = context.tap else { return }
    let maps = Array(batch.plan.maps[batch.plan.packets[packet].maps])
    let arrival = batch.lastArrival(ofPacket: packet)
    tap.txMapped(
      queue: queue, maps.span, firstHandle: arrival.firstHandle, fragments: arrival.fragments.span,
      position: batch.plan.frames[packet].length)
  }

  /// Unmaps the pages of released frames, all together.
  func unmap() {
    let mappings = batch.takeUnmapping()
    guard !mappings.isEmpty else { return }
    context.statistics.txUnmapBatches += 1
    for mapping in mappings {
      context.statistics.txUnmappedPages += UInt64(mapping.grants.count)
      context.tap?.txUnmapped(queue: queue, mapping)
    }
  }

  /// Delivers frames, and lets the dropped ones between them go in their turn: Linux releases in the
  /// order of the packets. A sink may release some, too, and so come back to this object.
  private func deliver(_ outcome: TxBatch.Outcome) {
    let octets = batch.buffer.octets
    let all = FrameBatch(
      outcome.frames.span, octets: octets.span.octets, fragments: outcome.fragments.span)
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
    context.statistics.countSent(packets: UInt64(frames.frames.count), octets: octets)
    context.tap?.txDelivered(queue: queue, frames)
    context.sink.deliver(frames, queue: queue)
  }
}

extension GrantError {
  /// What Xen said, or would have said.
  fileprivate var status: GrantStatus {
    if case .refused(let status) = self { status } else { .generalError }
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
