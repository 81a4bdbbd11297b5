import Netback
public import Netif
import XenInterface
public import XenRing

/// A TX queue of ours on a ring of plain words and pages that are arrays: no Xen, no store, no events, no
/// connection. What a case costs here is the queue's own work.
public final class BareQueue {
  private let memory = BareMemory()
  private let sink = DigestSink()
  private let context: VifContext
  private let queue: TxQueue<BareMemory>
  private var producer: RingIndex

  /// Answers a case by one of the profiles.
  ///
  /// - Precondition: the case has neither a rate nor pauses nor a second connection.
  public static func answer(to asked: TxCase, by profile: RuleProfile) -> CaseAnswer {
    answer(to: asked, by: profile) { _ in }
  }

  /// The same, by rules that are changed first.
  package static func answer(
    to asked: TxCase, by profile: RuleProfile, changing change: (inout TxRules) -> Void
  ) -> CaseAnswer {
    var configuration = VifConfiguration(
      domain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0), profile: profile,
      order: .completion)
    change(&configuration.rules)
    let queue = BareQueue(configuration, start: asked.start ?? RingIndex(rawValue: 0))
    let written = words(of: asked)
    var rest = written[...]
    for case .publish(let slots, let beyond) in asked.steps {
      queue?.publish(rest.prefix(slots.count), beyond: beyond)
      rest = rest.dropFirst(slots.count)
    }
    return queue?.answer(to: asked, written) ?? CaseAnswer()
  }

  /// The slots that a case writes here, one after the other.
  public static func words(of asked: TxCase) -> [SlotWords] {
    asked.publishes.joined().enumerated().map { place, slot in
      slot.resolved(id: UInt16(truncatingIfNeeded: place)) {
        $0.reference(among: BarePages.grants, revoked: nil).rawValue
      }
    }
  }

  private func answer(to asked: TxCase, _ written: [SlotWords]) -> CaseAnswer {
    let run = CaseRun(asked, written: written)
    var next = asked.start ?? RingIndex(rawValue: 0)
    let end = RingIndex(rawValue: memory.load(at: RingLayout.responseProducer))
    while next != end {
      run.take(memory.slot(next))
      next.advance()
    }
    run.answer.frames = sink.frames
    run.answer.isDisabled = context.isDisabled
    return run.answer
  }

  private init?(_ configuration: VifConfiguration, start: RingIndex) {
    context = VifContext(configuration: configuration, grants: BarePages(), sink: sink)
    RingLayout.initialize(memory)
    memory.store(start.rawValue, at: RingLayout.requestProducer)
    memory.store(start.rawValue, at: RingLayout.responseProducer)
    producer = start
    guard let ring = try? BackRing<BareMemory, TxRequest, TxResponse>(attaching: memory)
    else { return nil }
    queue = TxQueue(ring: ring, context: context, queue: 0)
    sink.release = { [unowned self] in
      _ = queue.release(frame: $0, now: MonotonicInstant(nanoseconds: 0))
    }
  }

  private func publish(_ slots: some Sequence<SlotWords>, beyond: UInt32) {
    for slot in slots {
      memory.write(slot, at: producer)
      producer.advance()
    }
    memory.store(producer.advanced(by: beyond).rawValue, at: RingLayout.requestProducer)
    while queue.poll(now: MonotonicInstant(nanoseconds: 0)).hasMore {}
  }
}
