public import Synchronization

/// The frontend's half of a shared ring, honest or not: it can publish any producer value.
///
/// Names in C: `req_prod_pvt` and `rsp_cons`.
public struct FrontRing<
  Memory: RingMemory & ~Copyable, Request: RingSlot, Response: RingSlot
>: ~Copyable {
  @usableFromInline let page: Memory
  @usableFromInline var producer: RingIndex
  @usableFromInline var published: RingIndex
  @usableFromInline var consumer: RingIndex
  @usableFromInline let stride: Int
  /// Number of slots, a power of two.
  public let capacity: UInt32

  /// Writes a fresh ring header with every index at `start`, and takes the frontend's half.
  public init(initializing page: consuming Memory, start: RingIndex = RingIndex(rawValue: 0)) {
    RingLayout.initialize(page)
    page.store(start.rawValue, at: RingLayout.requestProducer)
    page.store(start.rawValue, at: RingLayout.responseProducer)
    page.store(start.advanced(by: 1).rawValue, at: RingLayout.requestEvent)
    page.store(start.advanced(by: 1).rawValue, at: RingLayout.responseEvent)
    stride = 4 * max(Request.wordCount, Response.wordCount)
    capacity = RingLayout.capacity(byteCount: page.byteCount, stride: stride)
    self.page = page
    producer = start
    published = start
    consumer = start
  }

  /// Index of the next request to write (`req_prod_pvt`).
  @inlinable public var requestProducer: RingIndex { producer }
  /// Index of the next response to take (`rsp_cons`).
  @inlinable public var responseConsumer: RingIndex { consumer }
  /// Slots that may be written without touching an unanswered request.
  @inlinable public var freeRequests: UInt32 {
    capacity &- min(producer.distance(from: consumer), capacity)
  }

  @inlinable func offset(of index: RingIndex) -> Int {
    RingLayout.slots + Int(index.rawValue & (capacity &- 1)) * stride
  }
}

extension FrontRing where Memory: ~Copyable {
  /// Writes a request into the next slot. The peer sees it after `pushRequests()`.
  @inlinable public mutating func put(_ request: Request) { put(words: request.words) }

  /// Writes raw words into the next slot: an extra info, or whatever a hostile guest writes.
  @inlinable public mutating func put(words: SlotWords) {
    write(words, at: producer)
    producer.advance()
  }

  /// Writes raw words into the slot of any index, without moving the producer.
  @inlinable public func write(_ words: SlotWords, at index: RingIndex) {
    let at = offset(of: index)
    for word in 0..<(stride / 4) { page.store(words[word], at: at + 4 * word) }
  }

  /// Reads the slot of any index as it stands now.
  @inlinable public func read(at index: RingIndex) -> SlotWords {
    let at = offset(of: index)
    var words = SlotWords(repeating: 0)
    for word in 0..<(stride / 4) { words[word] = page.load(at: at + 4 * word) }
    return words
  }

  /// Publishes the requests written so far and says whether the peer wants to be told
  /// (C macro `RING_PUSH_REQUESTS_AND_CHECK_NOTIFY`).
  @inlinable public mutating func pushRequests() -> PeerNotification { publish(producer) }

  /// Publishes any producer value, honest or not; `requestProducer` stays as it is.
  @inlinable public mutating func publish(_ claimed: RingIndex) -> PeerNotification {
    let old = published
    page.storeReleasing(claimed.rawValue, at: RingLayout.requestProducer)
    published = claimed
    // The new producer must be visible before the event index is read, or both sides may sleep.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    let event = RingIndex(rawValue: page.load(at: RingLayout.requestEvent))
    return PeerNotification(movedFrom: old, to: claimed, event: event)
  }

  /// The index before which the backend wants no event (`req_event`); it writes it when it sleeps.
  @inlinable public var requestEvent: RingIndex {
    RingIndex(rawValue: page.load(at: RingLayout.requestEvent))
  }

  /// Makes `index` the place of the next request, without writing anything.
  @inlinable public mutating func moveProducer(to index: RingIndex) { producer = index }

  /// Responses published and not yet taken.
  ///
  /// - Throws: `RingViolation.producerTooFar` when the backend claims more than the ring holds.
  @inlinable public func unconsumedResponses() throws(RingViolation) -> UInt32 {
    let claimed = RingIndex(rawValue: page.loadAcquiring(at: RingLayout.responseProducer))
    let ahead = claimed.distance(from: consumer)
    guard ahead <= capacity else { throw .producerTooFar(distance: ahead, limit: capacity) }
    return ahead
  }

  /// Takes the next response slot's words, each read exactly once.
  ///
  /// - Precondition: `unconsumedResponses()` was positive since the last take.
  @inlinable public mutating func takeWords() -> SlotWords {
    let at = offset(of: consumer)
    var words = SlotWords(repeating: 0)
    for word in 0..<Response.wordCount { words[word] = page.load(at: at + 4 * word) }
    consumer.advance()
    return words
  }

  /// Takes the next response, each word read exactly once.
  @inlinable public mutating func takeResponse() -> Response { Response(words: takeWords()) }

  /// Asks to be told of the response at `index - 1`, any response (`rsp_event`).
  @inlinable public func setResponseEvent(_ index: RingIndex) {
    page.store(index.rawValue, at: RingLayout.responseEvent)
  }

  /// Asks to be told of the next response, then looks at the producer once more
  /// (C macro `RING_FINAL_CHECK_FOR_RESPONSES`).
  ///
  /// - Returns: whether responses stand unconsumed.
  @inlinable public func armResponseEvent() -> Bool {
    page.store(consumer.advanced(by: 1).rawValue, at: RingLayout.responseEvent)
    // The event index must be visible before the producer is read again, or work may be missed.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    let claimed = page.loadAcquiring(at: RingLayout.responseProducer)
    return claimed != consumer.rawValue
  }
}
