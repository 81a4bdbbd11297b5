import Netif
import TraceFormat
import XenInterface
import XenRing

extension Judge {
  /// Compares the guest's pages with the frames that were put into them, answer by answer.
  func comparePages(_ seen: Turn, of queue: QueueReplay) {
    var frame: [UInt8] = []
    var done = 0
    var extras = false
    for entry in seen.entries {
      guard case .rxResponse(let index, let word0, let word1) = entry.event.body else { continue }
      if extras {
        extras = word0 >> 8 & 1 != 0
        continue
      }
      let response = RxResponse(words: [word0, word1, 0, 0])
      if done == frame.count {
        guard !queue.waiting.isEmpty else { return }
        frame = queue.waiting.removeFirst()
        done = 0
      }
      let expected = min(RingLayout.pageSize, frame.count - done)
      if response.status.rawValue > 0 {
        comparePage(index, frame, done..<(done + expected), entry, queue)
      }
      done += expected
      extras = response.flags.contains(.extraInfo)
    }
  }

  private func comparePage(
    _ index: RingIndex, _ frame: [UInt8], _ range: Range<Int>, _ entry: Turn.Entry,
    _ queue: QueueReplay
  ) {
    let page = queue.rxSlots.read(place: GuestSlots.place(of: index), 0..<range.count)
    report.octets += UInt64(range.count)
    let octets = frame.span.octets.extracting(range)
    guard let place = page.span.octets.firstDifference(from: octets) else { return }
    note(.page(place), entry.number, nil, entry.event, queue)
  }
}
