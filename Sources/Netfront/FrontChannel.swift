public import XenInterface
public import XenRing

/// Whether to send an event after publishing.
public enum NotifyRule: Sendable {
  /// When the backend asked for it: what an honest guest does.
  case byHoldOff
  /// In any case.
  case always
  /// In no case.
  case never
}

/// A response slot as it was taken, and the ring index it stood at.
public struct TakenSlot: Sendable {
  /// Its ring index.
  public let index: RingIndex
  /// Its words.
  public let words: SlotWords

  @inlinable init(index: RingIndex, words: SlotWords) {
    self.index = index
    self.words = words
  }
}

/// A ring of the guest's and the port that goes with it. It does what it is told, honest or not.
public final class FrontChannel<Request: RingSlot, Response: RingSlot> {
  /// The ring page's reference, as it stands in the store.
  public let grant: GrantReference
  /// Our port.
  public let port: EventChannelPort
  @usableFromInline var ring: FrontRing<SharedPage, Request, Response>
  @usableFromInline let events: any EventChannels

  /// Writes a fresh ring into `page` with every index at `start`.
  public init(
    page: consuming SharedPage, grant: GrantReference, start: RingIndex, port: EventChannelPort,
    events: any EventChannels
  ) {
    ring = FrontRing(initializing: page, start: start)
    self.grant = grant
    self.port = port
    self.events = events
  }

  /// Number of slots.
  @inlinable public var capacity: UInt32 { ring.capacity }
  /// Slots that may be written without touching an unanswered request.
  @inlinable public var freeRequests: UInt32 { ring.freeRequests }
  /// Index of the next request to write.
  @inlinable public var requestProducer: RingIndex { ring.requestProducer }
  /// Index of the next response to take.
  @inlinable public var responseConsumer: RingIndex { ring.responseConsumer }

  /// Writes a request into the next slot.
  @inlinable public func put(_ request: Request) { ring.put(request) }

  /// Writes raw words into the next slot.
  @inlinable public func put(words: SlotWords) { ring.put(words: words) }

  /// Writes raw words into the slot of any index; the producer stays.
  @inlinable public func write(_ words: SlotWords, at index: RingIndex) {
    ring.write(words, at: index)
  }

  /// Reads the slot of any index as it stands now.
  @inlinable public func read(at index: RingIndex) -> SlotWords { ring.read(at: index) }

  /// The index before which the backend wants no event; it writes it when it sleeps.
  @inlinable public var requestEvent: RingIndex { ring.requestEvent }

  /// Makes `index` the place of the next request.
  @inlinable public func moveProducer(to index: RingIndex) { ring.moveProducer(to: index) }

  /// Publishes what was put so far.
  ///
  /// - Returns: whether an event was sent.
  @discardableResult @inlinable public func publish(_ rule: NotifyRule = .byHoldOff) -> Bool {
    publish(claiming: ring.requestProducer, rule)
  }

  /// Publishes any producer.
  ///
  /// - Returns: whether an event was sent.
  @discardableResult @inlinable
  public func publish(claiming producer: RingIndex, _ rule: NotifyRule = .byHoldOff) -> Bool {
    let wanted = ring.publish(producer) == .required
    let sends = rule == .always || (rule == .byHoldOff && wanted)
    if sends { events.notify(port) }
    return sends
  }

  /// Sends an event, whether or not there is a reason.
  @inlinable public func notify() { events.notify(port) }

  /// Responses published and not yet taken.
  ///
  /// - Throws: `RingViolation.producerTooFar` when the backend claims more than the ring holds.
  @inlinable public func unconsumedResponses() throws(RingViolation) -> UInt32 {
    try ring.unconsumedResponses()
  }

  /// Takes the next response; `nil` when none is published.
  @inlinable public func takeResponse() throws(RingViolation) -> TakenSlot? {
    guard try ring.unconsumedResponses() > 0 else { return nil }
    let index = ring.responseConsumer
    return TakenSlot(index: index, words: ring.takeWords())
  }

  /// Asks for an event on the response before `index`, any response (`rsp_event`).
  @inlinable public func setResponseEvent(_ index: RingIndex) { ring.setResponseEvent(index) }

  /// Asks for an event on the next response.
  ///
  /// - Returns: whether responses came meanwhile.
  @discardableResult @inlinable public func armResponseEvent() -> Bool { ring.armResponseEvent() }
}

extension FrontChannel {
  /// Checks what the backend has published against what was asked of it, as Linux frontends do.
  ///
  /// - Returns: number of responses to take.
  public func countedResponses() throws(BackendFault) -> UInt32 {
    let outstanding = requestProducer.distance(from: responseConsumer)
    let claimed: UInt32
    do throws(RingViolation) { claimed = try unconsumedResponses() } catch {
      switch error {
      case .producerTooFar(let distance, _):
        throw .tooManyResponses(claimed: distance, outstanding: outstanding)
      }
    }
    guard claimed <= outstanding else {
      throw .tooManyResponses(claimed: claimed, outstanding: outstanding)
    }
    return claimed
  }
}
