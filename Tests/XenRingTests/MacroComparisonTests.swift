import CRingReference
import Netif
import TestSupport
import Testing
import XenRing

extension SlotWords {
  static func random(using source: inout SeededGenerator) -> SlotWords {
    SlotWords { _ in UInt32.random(in: 0...(.max), using: &source) }
  }

  var array: [UInt32] { indices.map { self[$0] } }
}

extension PeerNotification {
  var isRequired: Bool { self == .required }
}

/// Our two halves over one page and the C macros' two halves over another, driven alike.
private struct Comparison<Request: RingSlot, Response: RingSlot>: ~Copyable {
  var front: FrontRing<SharedPage, Request, Response>
  var back: BackRing<SharedPage, Request, Response>
  let view: SharedPage
  let reference: ReferenceRing
  var random: SeededGenerator

  init(_ kind: reference_kind, start: UInt32, seed: UInt64) throws {
    let pages = TwinPages()
    let start = RingIndex(rawValue: start)
    front = FrontRing(initializing: pages.view(), start: start)
    back = try BackRing(attaching: pages.view())
    view = pages.view()
    reference = ReferenceRing(kind, start: start)
    random = SeededGenerator(seed: seed)
  }

  /// Does one random operation on both sides and compares what each answers.
  mutating func step() throws {
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1: putRequests()
    case 2: #expect(front.pushRequests().isRequired == reference.pushRequests())
    case 3, 4: takeRequests()
    case 5: putResponses()
    case 6: #expect(back.pushResponses().isRequired == reference.pushResponses())
    case 7: try takeResponses()
    case 8: try finalChecks()
    default: moveEvent()
    }
    #expect(front.freeRequests == reference.freeRequests)
    #expect(try front.unconsumedResponses() == reference.unconsumedResponses)
  }

  private mutating func putRequests() {
    for _ in 0..<min(front.freeRequests, .random(in: 0...80, using: &random)) {
      let words = SlotWords.random(using: &random)
      front.put(words: words)
      reference.put(request: words)
    }
  }

  private mutating func takeRequests() {
    let count = back.unconsumedRequests(upTo: back.loadRequestProducer())
    #expect(count == reference.unconsumedRequests)
    #expect(!reference.requestsOverflow)
    for _ in 0..<min(count, .random(in: 0...80, using: &random)) {
      #expect(back.takeWords().array == reference.takeRequest().array)
    }
  }

  private mutating func putResponses() {
    for _ in 0..<min(back.outstanding, .random(in: 0...80, using: &random)) {
      let response = Response(words: .random(using: &random))
      if Response.self == TxResponse.self, Bool.random(using: &random) {
        back.respond(half: 1, atOctet: TxResponse.statusOctet)
        reference.put(status: 1)
      } else {
        back.respond(response)
        reference.put(response: response.words)
      }
    }
  }

  private mutating func takeResponses() throws {
    #expect(!reference.responsesOverflow)
    for _ in 0..<min(try front.unconsumedResponses(), .random(in: 0...80, using: &random)) {
      #expect(front.takeWords().array == reference.takeResponse().array)
    }
  }

  private mutating func finalChecks() throws {
    var requests = back.unconsumedRequests(upTo: back.loadRequestProducer())
    if requests == 0 {
      let producer = back.armRequestEvent(at: back.requestConsumer.advanced(by: 1))
      requests = back.unconsumedRequests(upTo: producer)
    }
    #expect((requests > 0) == reference.finalCheckRequests())
    let waiting = try front.unconsumedResponses() > 0
    let responses = waiting ? true : front.armResponseEvent()
    #expect(responses == reference.finalCheckResponses())
  }

  private mutating func moveEvent() {
    let offset =
      Bool.random(using: &random) ? RingLayout.requestEvent : RingLayout.responseEvent
    let near = front.requestProducer.rawValue &+ .random(in: 0...6, using: &random) &- 3
    let event = Bool.random(using: &random) ? near : .random(in: 0...(.max), using: &random)
    view.store(event, at: offset)
    reference[offset] = event
  }

  borrowing func expectSamePage() {
    for offset in stride(from: 0, to: RingLayout.pageSize, by: 4) {
      #expect(view.load(at: offset) == reference[offset], "octet \(offset)")
    }
  }
}

private func compare<Request: RingSlot, Response: RingSlot>(
  _ kind: reference_kind, _: Request.Type, _: Response.Type, start: UInt32, seed: UInt64
) throws {
  var comparison = try Comparison<Request, Response>(kind, start: start, seed: seed)
  for _ in 0..<40 {
    for _ in 0..<50 { try comparison.step() }
    comparison.expectSamePage()
  }
}

@Suite struct `Rings do what the C macros do` {
  static let starts: [UInt32] = [0, 1, 127, 255, 256, 0x7fff_ffff, 0xffff_ff80, .max]

  @Test(arguments: starts, [1, 2])
  func `on the TX ring`(start: UInt32, seed: UInt64) throws {
    try compare(REFERENCE_TX, TxRequest.self, TxResponse.self, start: start, seed: seed)
  }

  @Test(arguments: starts, [3, 4])
  func `on the RX ring`(start: UInt32, seed: UInt64) throws {
    try compare(REFERENCE_RX, RxRequest.self, RxResponse.self, start: start, seed: seed)
  }

  @Test(arguments: starts, [5, 6])
  func `on the control ring`(start: UInt32, seed: UInt64) throws {
    try compare(
      REFERENCE_CONTROL, ControlRequest.self, ControlResponse.self, start: start, seed: seed)
  }
}
