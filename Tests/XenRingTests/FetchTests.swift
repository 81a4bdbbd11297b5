import Netif
import TestSupport
import Testing
import XenRing

private typealias ScriptedBack = BackRing<ScriptedMemory, TxRequest, TxResponse>
private typealias ScriptedFront = FrontRing<ScriptedMemory, TxRequest, TxResponse>

extension ScriptedMemory {
  /// Each word of the slot was read once, and nothing else was read.
  fileprivate func expectOneRead(ofSlot slot: Int, words: Int, stride: Int) {
    let first = (RingLayout.slots + slot * stride) / 4
    #expect(reads[first..<first + words].allSatisfy { $0 == 1 })
    #expect(reads.reduce(0, +) == words)
  }
}

@Suite struct `A slot is fetched once` {
  @Test(arguments: [0, 255, 256, UInt32.max])
  func `a request's words are each read exactly once`(start: UInt32) throws {
    let memory = ScriptedMemory()
    var front = ScriptedFront(initializing: memory, start: RingIndex(rawValue: start))
    var back = try ScriptedBack(attaching: memory)
    front.put(words: [1, 2, 3, 0])
    _ = front.pushRequests()
    memory.resetReads()
    _ = back.takeRequest()
    memory.expectOneRead(ofSlot: Int(start % 256), words: 3, stride: 12)
  }

  @Test func `a slot that changes after the fetch does not change what was fetched`() throws {
    let memory = ScriptedMemory()
    var front = ScriptedFront(initializing: memory)
    var back = try ScriptedBack(attaching: memory)
    let honest = [7, 60 << 16, 60 << 16, 0] as SlotWords
    front.put(words: honest)
    _ = front.pushRequests()
    for word in 0..<3 {
      memory.answerLaterReads(at: RingLayout.slots + 4 * word, with: [.max])
    }
    let request = back.takeRequest()
    #expect(request == TxRequest(words: honest))
    #expect(memory.words[RingLayout.slots / 4] == .max)
  }

  @Test func `a response's words are each read exactly once`() throws {
    let memory = ScriptedMemory()
    var front = FrontRing<ScriptedMemory, RxRequest, RxResponse>(initializing: memory)
    var back = try BackRing<ScriptedMemory, RxRequest, RxResponse>(attaching: memory)
    front.put(words: [1, 2, 0, 0])
    _ = front.pushRequests()
    _ = back.takeRequest()
    back.respond(RxResponse(words: [5, 6, 0, 0]))
    _ = back.pushResponses()
    memory.resetReads()
    _ = front.takeResponse()
    memory.expectOneRead(ofSlot: 0, words: 2, stride: 8)
  }

  @Test func `the backend reads each producer once when it attaches`() throws {
    let memory = ScriptedMemory()
    _ = ScriptedFront(initializing: memory)
    memory.answerLaterReads(at: RingLayout.requestProducer, with: [5000])
    memory.resetReads()
    _ = try ScriptedBack(attaching: memory)
    #expect(memory.reads[RingLayout.requestProducer / 4] == 1)
    #expect(memory.reads[RingLayout.responseProducer / 4] == 1)
    #expect(memory.reads.reduce(0, +) == 2)
  }

  @Test func `the backend never reads its own producer back`() throws {
    let memory = ScriptedMemory()
    var front = ScriptedFront(initializing: memory)
    var back = try ScriptedBack(attaching: memory)
    front.put(words: [1, 2, 3, 0])
    _ = front.pushRequests()
    _ = back.takeRequest()
    back.respond(TxResponse(id: 0, status: .okay))
    memory.resetReads()
    memory.store(0xdead_beef, at: RingLayout.responseProducer)
    #expect(back.pushResponses() == .required)
    #expect(memory.reads[RingLayout.responseProducer / 4] == 0)
    #expect(memory.words[RingLayout.responseProducer / 4] == 1)
  }
}
