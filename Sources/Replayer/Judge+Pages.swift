import Netif
import TraceFormat
import XenInterface
import XenRing

extension Judge {
  /// Compares the guest's pages with the frames that were put into them, answer by answer.
  func comparePages(_ seen: Turn, of queue: QueueReplay) {
    var left: Range<Int>?
    var extras = false
    for entry in seen.entries {
      guard case .rxResponse(let index, let word0, let word1) = entry.event.body else { continue }
      if extras {
        extras = word0 >> 8 & 1 != 0
        continue
      }
      let response = RxResponse(words: [word0, word1, 0, 0])
      if left?.isEmpty ?? true {
        left = queue.waiting.next
        queue.waiting.removeFirst()
      }
      guard let rest = left else { return queue.waiting.tidy() }
      let page = rest.prefix(RingLayout.pageSize)
      if response.status.rawValue > 0 { comparePage(index, page, entry, queue) }
      left = page.upperBound..<rest.upperBound
      extras = response.flags.contains(.extraInfo)
    }
    queue.waiting.tidy()
  }

  private func comparePage(
    _ index: RingIndex, _ octets: Range<Int>, _ entry: Turn.Entry, _ queue: QueueReplay
  ) {
    ledger.octets += UInt64(octets.count)
    let waiting = queue.waiting
    let place = waiting.withOctets(octets) {
      queue.rxSlots.firstDifference(place: GuestSlots.place(of: index), from: $0, &scratch)
    }
    if let place { note(.page(place), entry.number, nil, entry.event, queue) }
  }
}
