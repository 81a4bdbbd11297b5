import Netif
import Synchronization
import TestSupport
import Testing
import XenRing

/// Answers every request with its id until `count` are answered.
private func serve(_ page: consuming SharedPage, count: Int) async throws {
  var back = try BackRing<SharedPage, TxRequest, TxResponse>(attaching: page)
  var served = 0
  while served < count {
    let available = back.unconsumedRequests(upTo: back.loadRequestProducer())
    for _ in 0..<available {
      let request = back.takeRequest()
      back.respond(TxResponse(id: request.id, status: .okay))
    }
    served += Int(available)
    if available > 0 { _ = back.pushResponses() } else { await Task.yield() }
  }
}

/// Sends `count` requests, keeps the ring full, and returns the ids that came back.
private func drive(
  _ front: inout FrontRing<SharedPage, TxRequest, TxResponse>, count: Int
) async throws -> [UInt16] {
  var sent = 0
  var ids: [UInt16] = []
  while ids.count < count {
    for _ in 0..<min(Int(front.freeRequests), count - sent) {
      front.put(words: [UInt32(sent), 0, UInt32(UInt16(truncatingIfNeeded: sent)), 0])
      sent += 1
    }
    _ = front.pushRequests()
    let answered = try front.unconsumedResponses()
    for _ in 0..<answered { ids.append(front.takeResponse().id) }
    if answered == 0 { await Task.yield() }
  }
  return ids
}

@Test(arguments: [0, UInt32.max &- 1000])
func `two threads pass every request once and in order`(start: UInt32) async throws {
  let count = 20_000
  let pages = TwinPages()
  var front = FrontRing<SharedPage, TxRequest, TxResponse>(
    initializing: pages.view(), start: RingIndex(rawValue: start))
  async let served: Void = serve(pages.view(), count: count)
  let ids = try await drive(&front, count: count)
  try await served
  #expect(ids == (0..<count).map { UInt16(truncatingIfNeeded: $0) })
}
