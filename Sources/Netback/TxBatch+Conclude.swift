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
    let firstMap = plan.packets[packet].maps.lowerBound
    for place in plan.packets[packet].held {
      let slot = plan.slots[place]
      held.append(
        HeldSlot(
          head: head, answer: slot.answer, page: slot.map.map { $0 - firstMap }))
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
    guard own(&frame) else { return nil }
    return buffer.setUpChecksum(of: frame, recalculate: forgot) ? frame : nil
  }

  private func addFragments(_ fragments: Range<Int>, to frame: inout TxFrame) {
    frame.firstFragment = UInt16(fragments.lowerBound)
    frame.fragmentCount = UInt16(fragments.count)
    for fragment in outcome.fragments[fragments] { frame.length += UInt32(fragment.map.length) }
  }

  /// Copies what lies in the guest's pages behind the frames that were copied; whether it could be
  /// reached.
  private mutating func own(_ frame: inout TxFrame) -> Bool {
    var octets: [UInt8] = []
    let (one, linear, fragments): ([1 of TxFrame], [UInt8], [FrameFragment]) = (
      [frame], buffer.octets, outcome.fragments
    )
    let batch = FrameBatch(one.span, octets: linear.span.octets, fragments: fragments.span)
    guard batch.gather(frame, in: &octets) else { return false }
    let start = buffer.append(octets.span.octets, behind: Int(plan.fill))
    frame = TxFrame(
      head: frame.head, start: UInt32(start), length: frame.length, offload: frame.offload)
    return true
  }
}

extension FrameOffload {
  /// Whether no headers are to be read before the frame leaves.
  fileprivate var isPlain: Bool { checksum != .partial && segmentation == nil }
}
