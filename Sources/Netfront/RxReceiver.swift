import Netif
import XenInterface
import XenRing

/// Receives as a Linux guest does: offers pages with the slot's number as identifier, pairs answers
/// with requests by their place in the ring, and checks what it gets.
public final class RxReceiver {
  private let queue: FrontQueue
  private var offered: [Int?]

  /// Receives on `queue`, which nobody else receives on.
  public init(_ queue: FrontQueue) {
    self.queue = queue
    offered = Array(repeating: nil, count: Int(queue.rx.capacity))
  }

  /// Offers every free page that the ring has room for, `limit` at most, and publishes.
  ///
  /// - Returns: number of pages offered now.
  @discardableResult
  public func refill(limit: Int = .max, _ rule: NotifyRule = .byHoldOff) -> Int {
    let room = min(limit, Int(queue.rx.freeRequests), queue.rxPages.available)
    for _ in 0..<max(0, room) {
      guard let page = queue.rxPages.take() else { break }
      let place = place(of: queue.rx.requestProducer)
      offered[place] = page
      queue.rx.put(
        RxRequest(
          id: UInt16(place), grant: queue.rxPages.grant(of: page), persists: queue.persists))
    }
    if room > 0 { queue.rx.publish(rule) }
    return max(0, room)
  }

  /// Takes every packet that is published, and asks for an event on the next one. Their pages are
  /// free again; nothing is offered.
  ///
  /// - Throws: what a Linux guest gives the device up for.
  public func receive() throws(BackendFault) -> [Result<ReceivedFrame, RxFault>] {
    var packets: [Result<ReceivedFrame, RxFault>] = []
    repeat {
      var left = try queue.rx.countedResponses()
      while let first = takeSlot(&left) { packets.append(assemble(first, &left)) }
    } while queue.rx.armResponseEvent()
    return packets
  }

  private func place(of index: RingIndex) -> Int {
    Int(index.rawValue & (queue.rx.capacity - 1))
  }

  private struct Slot {
    var words: SlotWords
    var place: Int
    var page: Int
  }

  private func takeSlot(_ left: inout UInt32) -> Slot? {
    guard left > 0, let taken = try? queue.rx.takeResponse() else { return nil }
    left -= 1
    let place = place(of: taken.index)
    guard let page = offered[place] else { return nil }
    offered[place] = nil
    queue.rxPages.giveBack(page)
    return Slot(words: taken.words, place: place, page: page)
  }

  private func assemble(
    _ first: Slot, _ left: inout UInt32
  ) -> Result<ReceivedFrame, RxFault> {
    var assembly = RxAssembly()
    var slot = first
    var response = RxResponse(words: slot.words)
    if response.flags.contains(.extraInfo) { takeExtras(&assembly, &left) }
    while true {
      assembly.addData(
        response, expected: UInt16(slot.place), page: slot.page, of: queue.rxPages)
      guard response.flags.contains(.moreData) else { break }
      guard let next = takeSlot(&left) else {
        assembly.fail(.missingSlot)
        break
      }
      slot = next
      response = RxResponse(words: slot.words)
    }
    return assembly.finish()
  }

  private func takeExtras(_ assembly: inout RxAssembly, _ left: inout UInt32) {
    var hasMore = true
    while hasMore {
      guard let slot = takeSlot(&left) else { return assembly.fail(.missingExtra) }
      hasMore = assembly.addExtra(slot.words)
    }
  }
}
