import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

extension Judge {
  /// Compares the guest's pages with the frames that were put into them, answer by answer.
  func comparePages(
    _ seen: Turn, _ slots: GuestSlots, _ waiting: inout FrameQueue, queue: UInt16
  ) {
    let headroom = Int(context.configuration.receiveHeadroom)
    var left: Range<Int>?
    var octets: UInt64 = 0
    defer { ledger.compared.octets += octets }
    var extras = false
    for entry in seen.entries {
      guard case .rxResponse(let index, let word0, let word1) = entry.event.body else { continue }
      if extras {
        extras = word0 >> 8 & 1 != 0
        continue
      }
      let response = RxResponse(words: [word0, word1, 0, 0])
      if left?.isEmpty ?? true {
        left = waiting.next
        waiting.removeFirst()
      }
      guard let rest = left else { return waiting.tidy() }
      let page = rest.prefix(RingLayout.pageSize - headroom)
      if response.status.rawValue > 0 {
        octets += UInt64(page.count)
        let place = slots.firstDifference(
          place: GuestSlots.place(of: index), at: headroom, from: waiting.octets(page), &scratch)
        if let place { note(.page(place), entry.number, nil, entry.event, queue) }
      }
      left = page.upperBound..<rest.upperBound
      extras = response.flags.contains(.extraInfo)
    }
    waiting.tidy()
  }
}
