import Netif
import XenInterface
import XenRing

extension TxBatch {
  /// What concluding counts.
  struct Losses {
    var grantFailures: UInt64 = 0
    var headerDrops: UInt64 = 0
    var areAny: Bool { grantFailures + headerDrops > 0 }
  }

  /// Takes the pages of a packet, which were mapped together. Packets come in order.
  mutating func take(_ pages: any MappedPages, ofPacket packet: Int) {
    let first = outcome.fragments.count
    for (page, place) in plan.packets[packet].maps.enumerated() {
      plan.maps[place].status = .okay
      outcome.fragments.append(FrameFragment(map: plan.maps[place], pages: pages, page: page))
    }
    let mapping = TxMapping(
      head: plan.frames[packet].head, pages: pages, firstHandle: nextHandle,
      grants: plan.maps[plan.packets[packet].maps].map(\.grant))
    nextHandle &+= UInt32(pages.count)
    arrivals.append(
      Arrival(packet: packet, fragments: first..<outcome.fragments.count, mapping: mapping))
  }

  /// What was mapped for a packet, if it was the last that was tried; nothing when that failed.
  func lastArrival(
    ofPacket packet: Int
  ) -> (firstHandle: UInt32, fragments: [FrameFragment]) {
    guard let last = arrivals.last, last.packet == packet else { return (0, []) }
    return (last.mapping.firstHandle, Array(outcome.fragments[last.fragments]))
  }

  /// Decides what becomes of each packet whose copies and maps were done.
  mutating func conclude() -> Losses {
    var losses = Losses()
    var next = arrivals.startIndex
    for place in plan.packets.indices {
      let isMapped = next < arrivals.endIndex && arrivals[next].packet == place
      let arrival = isMapped ? next : nil
      if isMapped { next += 1 }
      guard settle(plan.packets[place]) else {
        losses.grantFailures += 1
        if let arrival { unmapping.append(arrivals[arrival].mapping) }
        continue
      }
      hold(place, arrival)
      if arrival == nil, plan.frames[place].offload.isPlain {
        outcome.frames.append(plan.frames[place])
      } else if let frame = finished(place, arrival) {
        outcome.frames.append(frame)
      } else {
        losses.headerDrops += 1
        outcome.dropped.append((plan.frames[place].head, outcome.frames.count))
      }
    }
    return losses
  }

  @inline(__always)
  private mutating func hold(_ packet: Int, _ arrival: Int?) {
    let head = plan.frames[packet].head
    for place in plan.packets[packet].held {
      held.append(HeldSlot(head: head, answer: plan.slots[place].answer))
    }
    if let arrival { mappings.append(arrivals[arrival].mapping) }
  }

  /// Says what lies in the pages of a packet, and reads its headers where its checksum is blank; `nil`
  /// drops the frame.
  private mutating func finished(_ packet: Int, _ arrival: Int?) -> TxFrame? {
    var frame = plan.frames[packet]
    if let arrival { addFragments(arrivals[arrival].fragments, to: &frame) }
    let forgot = frame.offload.checksum != .partial && frame.offload.segmentation != nil
    if forgot { frame.offload.checksum = .partial }
    guard frame.offload.checksum == .partial else { return frame }
    if buffer.setUpChecksum(of: frame, recalculate: forgot) { return frame }
    guard frame.fragmentCount > 0 else { return nil }
    // The headers reach into the guest's pages: Linux pulls them out, too.
    own(&frame)
    return buffer.setUpChecksum(of: frame, recalculate: forgot) ? frame : nil
  }

  private func addFragments(_ fragments: Range<Int>, to frame: inout TxFrame) {
    frame.firstFragment = UInt16(fragments.lowerBound)
    frame.fragmentCount = UInt16(fragments.count)
    for fragment in outcome.fragments[fragments] { frame.length += UInt32(fragment.map.length) }
  }

  /// Copies what lies in the guest's pages behind the frames that were copied.
  private mutating func own(_ frame: inout TxFrame) {
    var octets: [UInt8] = []
    let (one, linear, fragments): ([1 of TxFrame], [UInt8], [FrameFragment]) = (
      [frame], buffer.octets, outcome.fragments
    )
    FrameBatch(one.span, octets: linear.span.octets, fragments: fragments.span)
      .gather(frame, in: &octets)
    let start = buffer.append(octets.span.octets, behind: Int(plan.fill))
    frame = TxFrame(
      head: frame.head, start: UInt32(start), length: frame.length, offload: frame.offload)
  }
}

extension FrameOffload {
  /// Whether no headers are to be read before the frame leaves.
  fileprivate var isPlain: Bool { checksum != .partial && segmentation == nil }
}
