import Netif
import TestSupport
import Testing
import XenRing

private typealias Back = BackRing<ScriptedMemory, TxRequest, TxResponse>

private func memory(requestProducer: UInt32, responseProducer: UInt32) -> ScriptedMemory {
  let memory = ScriptedMemory()
  memory.store(requestProducer, at: RingLayout.requestProducer)
  memory.store(responseProducer, at: RingLayout.responseProducer)
  return memory
}

@Suite struct `A producer is bounded` {
  @Test(arguments: [0, 100, 0x8000_0000, 0xffff_ff00, UInt32.max], [0, 1, 255, 256])
  func `a ring attaches with up to 256 requests published`(start: UInt32, ahead: UInt32) throws {
    let page = memory(requestProducer: start &+ ahead, responseProducer: start)
    let back = try Back(attaching: page)
    #expect(back.requestConsumer == RingIndex(rawValue: start))
    #expect(back.unconsumedRequests(upTo: back.loadRequestProducer()) == ahead)
  }

  @Test(arguments: [0, 100, 0x8000_0000, 0xffff_ff00, UInt32.max], [257, 0x8000_0000, UInt32.max])
  func `a ring does not attach to a producer further ahead`(start: UInt32, ahead: UInt32) {
    let page = memory(requestProducer: start &+ ahead, responseProducer: start)
    #expect(throws: RingViolation.producerTooFar(distance: ahead, limit: 256)) {
      _ = try Back(attaching: page)
    }
  }

  @Test func `with 200 unanswered no producer brings more than 56`() throws {
    var back = try Back(attaching: memory(requestProducer: 200, responseProducer: 0))
    for _ in 0..<200 { _ = back.takeWords() }
    #expect(back.outstanding == 200)
    for claimed: UInt32 in [256, 257, 456, 10_000, .max] {
      #expect(back.unconsumedRequests(upTo: RingIndex(rawValue: claimed)) == 56)
    }
    #expect(back.unconsumedRequests(upTo: RingIndex(rawValue: 230)) == 30)
  }

  @Test(arguments: [129, 0x8000_0000, UInt32.max])
  func `a control ring's producer more than 128 ahead of the answers is refused`(
    ahead: UInt32
  ) throws {
    typealias Control = BackRing<ScriptedMemory, ControlRequest, ControlResponse>
    let page = memory(requestProducer: 7, responseProducer: 7)
    let back = try Control(attaching: page)
    page.store(7 &+ 128, at: RingLayout.requestProducer)
    #expect(try back.boundedRequests() == 128)
    page.store(7 &+ ahead, at: RingLayout.requestProducer)
    #expect(throws: RingViolation.producerTooFar(distance: ahead, limit: 128)) {
      _ = try back.boundedRequests()
    }
  }

  @Test func `a full ring brings nothing, whatever is claimed`() throws {
    var back = try Back(attaching: memory(requestProducer: 256, responseProducer: 0))
    for _ in 0..<256 { _ = back.takeWords() }
    #expect(back.unconsumedRequests(upTo: RingIndex(rawValue: .max)) == 0)
  }

  @Test func `a response producer beyond the ring is refused`() {
    let page = ScriptedMemory()
    let front = FrontRing<ScriptedMemory, TxRequest, TxResponse>(initializing: page)
    page.store(257, at: RingLayout.responseProducer)
    #expect(throws: RingViolation.producerTooFar(distance: 257, limit: 256)) {
      _ = try front.unconsumedResponses()
    }
  }
}

@Suite struct `Notifications are held off` {
  @Test(arguments: [0, 1000, UInt32.max &- 2, UInt32.max])
  func `an event in the interval behind old up to new is notified`(old: UInt32) {
    let new = old &+ 4
    for offset: UInt32 in 0...6 {
      let answer = PeerNotification(
        movedFrom: RingIndex(rawValue: old), to: RingIndex(rawValue: new),
        event: RingIndex(rawValue: old &+ offset))
      #expect((answer == .required) == (1...4).contains(offset), "event \(offset) behind old")
    }
  }

  @Test(arguments: [0x8000_0000, UInt32.max &- 10])
  func `an event far ahead is not notified`(ahead: UInt32) {
    let answer = PeerNotification(
      movedFrom: RingIndex(rawValue: 10), to: RingIndex(rawValue: 20),
      event: RingIndex(rawValue: 20 &+ ahead))
    #expect(answer == .suppressed)
  }

  @Test func `a producer that does not move notifies nobody`() {
    let index = RingIndex(rawValue: 9)
    #expect(PeerNotification(movedFrom: index, to: index, event: index) == .suppressed)
  }
}

@Suite struct `The final check` {
  @Test(arguments: [0, UInt32.max])
  func `a request that came before the event was set is seen`(start: UInt32) throws {
    let page = memory(requestProducer: start, responseProducer: start)
    let back = try Back(attaching: page)
    page.store(start &+ 1, at: RingLayout.requestProducer)
    let producer = back.armRequestEvent(at: RingIndex(rawValue: start &+ 1))
    #expect(producer.rawValue == start &+ 1)
    #expect(page.words[RingLayout.requestEvent / 4] == start &+ 1)
  }

  @Test func `a response that came before the event was set is seen`() {
    let page = ScriptedMemory()
    let front = FrontRing<ScriptedMemory, TxRequest, TxResponse>(
      initializing: page, start: RingIndex(rawValue: .max))
    let before = front.armResponseEvent()
    page.store(0, at: RingLayout.responseProducer)
    let after = front.armResponseEvent()
    #expect(!before)
    #expect(after)
    #expect(page.words[RingLayout.responseEvent / 4] == 0)
  }
}
