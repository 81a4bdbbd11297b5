public import Synchronization

/// The backend's half of a shared ring. It owns the memory it reads.
///
/// Our indices are ours: they are written to the page and never read back from it. Names in C:
/// `req_cons` and `rsp_prod_pvt`.
public struct BackRing<
  Memory: RingMemory & ~Copyable, Request: RingSlot, Response: RingSlot
>: ~Copyable {
  @usableFromInline let page: Memory
  @usableFromInline var consumer: RingIndex
  @usableFromInline var producer: RingIndex
  @usableFromInline var published: RingIndex
  @usableFromInline var lastResponseEvent: RingIndex
  @usableFromInline let stride: Int
  /// Number of slots, a power of two.
  public let capacity: UInt32

  /// Attaches to a ring at the response producer it is at, so a busy ring goes on where it was
  /// (C macro `BACK_RING_ATTACH`, Linux `xenvif_map_frontend_data_rings`).
  ///
  /// - Parameters:
  ///   - page: the ring's memory, which is this half's from here on.
  ///   - taken: index of the next request to take when some before it are taken and not yet answered;
  ///     by default none are.
  /// - Throws: `RingViolation.producerTooFar` when more requests stand published than slots exist.
  public init(
    attaching page: consuming Memory, taken: RingIndex? = nil
  ) throws(RingViolation) {
    let start = RingIndex(rawValue: page.load(at: RingLayout.responseProducer))
    let claimed = RingIndex(rawValue: page.loadAcquiring(at: RingLayout.requestProducer))
    stride = 4 * max(Request.wordCount, Response.wordCount)
    capacity = RingLayout.capacity(byteCount: page.byteCount, stride: stride)
    lastResponseEvent = start.advanced(by: 1)
    self.page = page
    consumer = taken ?? start
    producer = start
    published = start
    let ahead = max(claimed.distance(from: start), consumer.distance(from: start))
    guard ahead <= capacity else { throw .producerTooFar(distance: ahead, limit: capacity) }
  }

  /// Index of the next request to take (`req_cons`).
  @inlinable public var requestConsumer: RingIndex { consumer }
  /// Index of the next response to write (`rsp_prod_pvt`).
  @inlinable public var responseProducer: RingIndex { producer }
  /// The peer's event index as the last push saw it (`rsp_event`).
  @inlinable public var responseEvent: RingIndex { lastResponseEvent }
  /// Requests taken and not yet answered.
  @inlinable public var outstanding: UInt32 { consumer.distance(from: producer) }

  @inlinable func offset(of index: RingIndex) -> Int {
    RingLayout.slots + Int(index.rawValue & (capacity &- 1)) * stride
  }
}

extension BackRing where Memory: ~Copyable {
  /// The request producer as the page has it now, read once; slots before it may be read after.
  @inlinable public func loadRequestProducer() -> RingIndex {
    RingIndex(rawValue: page.loadAcquiring(at: RingLayout.requestProducer))
  }

  /// Requests that `claimed` publishes and that are not yet taken, at most as many as the ring can
  /// hold beside the outstanding ones (C macro `RING_HAS_UNCONSUMED_REQUESTS`).
  @inlinable public func unconsumedRequests(upTo claimed: RingIndex) -> UInt32 {
    min(claimed.distance(from: consumer), capacity &- min(outstanding, capacity))
  }

  /// Requests published and not yet taken, where a producer more than a ring ahead of the answers
  /// cuts the frontend off: the control ring's rule.
  ///
  /// - Throws: `RingViolation.producerTooFar`.
  @inlinable public func boundedRequests() throws(RingViolation) -> UInt32 {
    let claimed = loadRequestProducer()
    let ahead = claimed.distance(from: producer)
    guard ahead <= capacity else { throw .producerTooFar(distance: ahead, limit: capacity) }
    return claimed.distance(from: consumer)
  }

  /// The words of any slot as they stand now; for witnesses, and to look ahead: what a slot is used for
  /// is decided by what is taken.
  @inlinable public func peekWords(at index: RingIndex) -> SlotWords {
    page.loadWords(Request.wordCount, at: offset(of: index))
  }

  /// The response event index as it stands in the page (`rsp_event`).
  public func peekResponseEvent() -> RingIndex {
    RingIndex(rawValue: page.load(at: RingLayout.responseEvent))
  }

  /// The request event index as it stands in the page (`req_event`).
  public func peekRequestEvent() -> RingIndex {
    RingIndex(rawValue: page.load(at: RingLayout.requestEvent))
  }

  /// Takes the next slot's words, each read out of shared memory exactly once.
  ///
  /// - Precondition: `unconsumedRequests(upTo:)` was positive since the last take.
  @inlinable @inline(__always) public mutating func takeWords() -> SlotWords {
    let words = page.loadWords(Request.wordCount, at: offset(of: consumer))
    consumer.advance()
    return words
  }

  /// Takes the next request, each word read out of shared memory exactly once.
  ///
  /// - Precondition: as `takeWords()`.
  @inlinable public mutating func takeRequest() -> Request { Request(words: takeWords()) }

  /// Writes a response over the next slot. The peer sees it after `pushResponses()`.
  @inlinable public mutating func respond(_ response: Response) { respond(words: response.words) }

  /// Writes a response's words, or those of an extra info, over the next slot.
  @inlinable public mutating func respond(words: SlotWords) {
    let at = offset(of: producer)
    for word in 0..<Response.wordCount { page.store(words[word], at: at + 4 * word) }
    producer.advance()
  }

  /// Writes a response's half word at `octet` of the next slot and leaves the rest of the slot as
  /// it is (Linux answers an extra so: the status is set, the id octets stay).
  @inlinable public mutating func respond(half value: UInt16, atOctet octet: Int) {
    page.storeHalf(value, at: offset(of: producer) + octet)
    producer.advance()
  }

  /// Publishes the responses written so far and says whether the peer wants to be told
  /// (C macro `RING_PUSH_RESPONSES_AND_CHECK_NOTIFY`).
  @inlinable public mutating func pushResponses() -> PeerNotification {
    let old = published
    page.storeReleasing(producer.rawValue, at: RingLayout.responseProducer)
    published = producer
    // The new producer must be visible before the event index is read, or both sides may sleep.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    lastResponseEvent = RingIndex(rawValue: page.load(at: RingLayout.responseEvent))
    return PeerNotification(movedFrom: old, to: producer, event: lastResponseEvent)
  }

  /// Asks to be told of the request at `index - 1`, then looks at the producer once more
  /// (C macro `RING_FINAL_CHECK_FOR_REQUESTS`).
  ///
  /// - Returns: the producer after the event index became visible.
  @inlinable public func armRequestEvent(at index: RingIndex) -> RingIndex {
    page.store(index.rawValue, at: RingLayout.requestEvent)
    // The event index must be visible before the producer is read again, or work may be missed.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    return loadRequestProducer()
  }
}

extension BackRing where Memory: ~Copyable {
  /// Takes as many published slots as fit `slots`, each word read exactly once.
  ///
  /// - Returns: how many were taken.
  @inlinable public mutating func takeSlots(
    into slots: inout MutableSpan<SlotWords>, upTo claimed: RingIndex
  ) -> Int {
    let count = min(Int(unconsumedRequests(upTo: claimed)), slots.count)
    for place in 0..<count { slots[place] = takeWords() }
    return count
  }
}
