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

  /// Decides what becomes of each packet whose copies and maps were done; the frames that are to leave
  /// are the delivery's from now on.
  mutating func conclude(into delivery: inout TxDelivery) -> Losses {
    swap(&plan.frames, &delivery.frames)
    var losses = Losses()
    // Frames that leave move up to the places of those that do not.
    var leaving = 0
    var arrived = arrivals.startIndex
    for place in plan.packets.indices {
      switch plan.packets[place] {
      case .whole(let copy, let id):
        let frame = delivery.frames[place]
        guard answer(frame.head, id, copied: Int(copy)) == .okay else {
          losses.grantFailures += 1
          continue
        }
        guard frame.offload.isPlain else {
          leave(frame, mapped: nil, in: &delivery, &leaving, &losses)
          continue
        }
        if leaving < place { delivery.frames[leaving] = frame }
        leaving += 1
      case .run(let run):
        let arrival = takeArrival(of: place, &arrived)
        conclude(run, delivery.frames[place], arrival, in: &delivery, &leaving, &losses)
      }
    }
    delivery.frames.keep(first: leaving)
    return losses
  }

  /// Answers a packet of one slot that a copy was to bring whole.
  @inline(__always)
  private mutating func answer(_ head: RingIndex, _ id: UInt16, copied copy: Int) -> NetifStatus {
    let isOkay = plan.copies[copy].status == .okay || !checksGrants
    let status: NetifStatus = isOkay ? .okay : .error
    answers.append(TxAnswer(request: head, id: id, extras: 0, status: status))
    return status
  }

  /// The place of what was mapped of a packet, if anything was.
  private func takeArrival(of packet: Int, _ next: inout Int) -> Int? {
    guard next < arrivals.endIndex, arrivals[next].packet == packet else { return nil }
    next += 1
    return next - 1
  }

  private mutating func conclude(
    _ run: PlannedRun, _ frame: TxFrame, _ arrival: Int?, in delivery: inout TxDelivery,
    _ leaving: inout Int, _ losses: inout Losses
  ) {
    if endsFrames, answerCopied(run) {
      leave(frame, mapped: nil, in: &delivery, &leaving, &losses)
      return
    }
    guard settle(run) else {
      losses.grantFailures += 1
      if let arrival { unmapping.append(arrivals[arrival].mapping) }
      return
    }
    hold(run, of: frame.head, arrival)
    let mapped = arrival.map { arrivals[$0].fragments }
    leave(frame, mapped: mapped, in: &delivery, &leaving, &losses)
  }

  /// Has a frame leave, unless its headers forbid it.
  @inline(never)
  private mutating func leave(
    _ frame: TxFrame, mapped: Range<Int>?, in delivery: inout TxDelivery, _ leaving: inout Int,
    _ losses: inout Losses
  ) {
    if let frame = delivery.finished(frame, mapped: mapped, fill: Int(plan.fill)) {
      delivery.frames[leaving] = frame
      leaving += 1
    } else {
      losses.headerDrops += 1
      delivery.dropped.append((frame.head, leaving))
    }
  }

  private mutating func hold(_ run: PlannedRun, of head: RingIndex, _ arrival: Int?) {
    let firstMap = run.maps.lowerBound
    for place in run.held {
      let slot = plan.slots[place]
      held.append(
        HeldSlot(
          head: head, answer: slot.answer, page: slot.map.map { $0 - firstMap }))
    }
    if let arrival {
      mappings.append(HeldPages(head: head, mapping: arrivals[arrival].mapping))
    }
  }
}

extension TxDelivery {
  /// Says what lies in the pages of a packet, and reads its headers where its checksum is blank; `nil`
  /// drops the frame.
  ///
  /// - Parameters:
  ///   - mapped: the places of what lies in pages of the guest's.
  ///   - fill: octets that the poll has copied.
  fileprivate mutating func finished(
    _ frame: TxFrame, mapped: Range<Int>?, fill: Int
  ) -> TxFrame? {
    var frame = frame
    if let mapped { addFragments(mapped, to: &frame) }
    let forgot = frame.offload.checksum != .partial && frame.offload.segmentation != nil
    if forgot { frame.offload.checksum = .partial }
    guard frame.offload.checksum == .partial else { return frame }
    if buffer.setUpChecksum(of: frame, recalculate: forgot) { return frame }
    guard frame.fragmentCount > 0 else { return nil }
    // The headers reach into the guest's pages: Linux pulls them out, too.
    guard own(&frame, fill: fill) else { return nil }
    return buffer.setUpChecksum(of: frame, recalculate: forgot) ? frame : nil
  }

  private func addFragments(_ mapped: Range<Int>, to frame: inout TxFrame) {
    frame.firstFragment = UInt16(mapped.lowerBound)
    frame.fragmentCount = UInt16(mapped.count)
    for fragment in fragments[mapped] { frame.length += UInt32(fragment.map.length) }
  }

  /// Copies what lies in the guest's pages behind the frames that were copied; whether it could be
  /// reached.
  private mutating func own(_ frame: inout TxFrame, fill: Int) -> Bool {
    var octets: [UInt8] = []
    let (one, linear, fragments): ([1 of TxFrame], [UInt8], [FrameFragment]) = (
      [frame], buffer.octets, fragments
    )
    let batch = FrameBatch(one.span, octets: linear.span.octets, fragments: fragments.span)
    guard batch.gather(frame, in: &octets) else { return false }
    let start = buffer.append(octets.span.octets, behind: fill)
    frame = TxFrame(
      head: frame.head, start: UInt32(start), length: frame.length, offload: frame.offload)
    return true
  }
}

extension FrameOffload {
  /// Whether no headers are to be read before the frame leaves.
  fileprivate var isPlain: Bool { checksum != .partial && segmentation == nil }
}
