import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

/// A vif that is replayed: a netback of its own, watched by a tap, and the guest's half.
final class VifReplay: TraceReceiver {
  private let vif: Vif
  private let judge: Judge
  private let world: ReplayWorld
  private var queues: [QueueReplay] = []
  /// Whether events are missing since the last snapshot.
  private(set) var isStopped = false

  init(
    _ place: UInt16, _ snapshot: VifSnapshot, header: TraceHeader, world: ReplayWorld,
    options: ReplayOptions, ledger: ReplayLedger
  ) throws(ReplayError) {
    self.world = world
    let injecting = world.injectsStatuses ? InjectingGrants(world.backend.grants) : nil
    let configuration = VifConfiguration(
      domain: world.guest.domain, handle: snapshot.handle,
      profile: options.profile ?? header.profile, order: header.order,
      features: snapshot.features)
    let context = VifContext(
      configuration: configuration, grants: injecting ?? world.backend.grants, sink: NoSink())
    vif = Vif(context: context)
    judge = Judge(
      vif: place, isCut: header.snapLength < UInt16.max, context: context,
      injecting: injecting, options: options, ledger: ledger)
    if snapshot.isDisabled { context.resumeDisabled() }
    for address in snapshot.multicast {
      do throws(TxRejection) { try context.multicast.add(address) } catch {
        throw .badSnapshot(vif: Int(place))
      }
    }
    try open(snapshot)
    let observed = header.source == .kernelTap
    let snap = observed ? Int(UInt16.max) : Int(clamping: header.snapLength)
    context.watch(
      with: TraceTap(
        vif: place, snapLength: snap, receiver: self, now: MonotonicInstant(nanoseconds: 0)))
  }

  private func open(_ snapshot: VifSnapshot) throws(ReplayError) {
    for (number, queue) in snapshot.queues.enumerated() {
      queues.append(
        try QueueReplay(number, of: vif, from: queue, world: world, judge: judge))
    }
    for queue in queues {
      queue.willDisable = { [weak self] in
        for queue in self?.queues ?? [] { queue.feed() }
      }
    }
  }

  /// Number of queues.
  var queueCount: Int { queues.count }

  /// Ends the replay of this vif until the next snapshot.
  func stop() {
    flush()
    isStopped = true
  }

  /// Accounts for turns that the trace does not finish.
  func flush() { for queue in queues { queue.flush() } }

  /// Lets go of the rings.
  func disconnect() {
    flush()
    queues.removeAll()
    vif.removeQueues()
  }

  /// Disconnects, and ends the watch, which else would keep both sides alive.
  func close() {
    disconnect()
    vif.context.watch(with: nil)
  }

  /// Takes an event of one of the queues.
  func take(_ event: TraceEvent, _ payload: RawSpan, number: UInt64, lane: TraceRing) {
    guard queues.indices.contains(Int(event.queue)) else {
      return judge.noteUnknown(event, number)
    }
    let queue = queues[Int(event.queue)]
    switch lane {
    case .tx: queue.take(tx: event, payload, number: number)
    case .rx: queue.take(rx: event, payload, number: number)
    case .control: judge.ledger.notReplayed += 1
    }
  }

  /// See `TraceReceiver`: what the replayed backend does.
  func receive(_ event: TraceEvent, payload: RawSpan) {
    guard queues.indices.contains(Int(event.queue)) else { return }
    queues[Int(event.queue)].see(event, payload)
  }

  /// See `TraceReceiver`.
  func settle(queue: UInt16, _ answers: Span<TxAnswer>) {
    guard queues.indices.contains(Int(queue)) else { return }
    queues[Int(queue)].settle(answers)
  }
}

/// Frames leave the replay here: the tap has seen them.
private final class NoSink: FrameSink {
  func deliver(_ frames: Span<TxFrame>, octets: RawSpan, queue: UInt16) {}
}

extension Judge {
  func noteUnknown(_ event: TraceEvent, _ number: UInt64) {
    ledger.note(
      Divergence(
        kind: .unknownQueue, number: number, vif: event.vif, queue: event.queue, recorded: event,
        replayed: nil), keeping: 16)
  }
}

extension QueueReplay {
  /// Keeps what the replayed backend does, in the trace's own references.
  func see(_ event: TraceEvent, _ payload: RawSpan) {
    var event = event
    var place: Int?
    switch event.body {
    case .slot(.tx, let index, var words):
      if txSlots.kind(at: index) != .extra {
        words.w0 = txSlots.reference(at: GuestSlots.place(of: index)).rawValue
      }
      event.body = .slot(ring: .tx, index: index, words)
    case .slot(.rx, let index, var words):
      words.w1 = rxSlots.reference(at: GuestSlots.place(of: index)).rawValue
      event.body = .slot(ring: .rx, index: index, words)
    case .grantCopy(var operand, let direction, let status):
      place = direction == .fromGuest ? translateTx(&operand) : translateRx(&operand)
      event.body = .grantCopy(operand, direction: direction, status: status)
    case .release(let index): event.body = .release(index: named(index))
    case .txResponse(let index, let request, let id, let status):
      event.body = .txResponse(
        index: index, request: named(request), id: id, status: status)
    case .memory(var operand):
      place = translateTx(&operand)
      event.body = .memory(operand)
    default: break
    }
    seen.append(event, payload, place: place)
  }

  /// A request's own index, once the trace has named it.
  private func named(_ index: RingIndex) -> RingIndex {
    namedBefore.isEmpty ? index : namedBefore[index] ?? index
  }

  private func translateTx(_ operand: inout TraceEvent.GrantOperand) -> Int? {
    let place = txSlots.place(of: operand.grant)
    if let place { operand.grant = txSlots.reference(at: place) }
    return place
  }

  private func translateRx(_ operand: inout TraceEvent.GrantOperand) -> Int? {
    let place = rxSlots.place(of: operand.grant)
    if let place { operand.grant = rxSlots.reference(at: place) }
    return place
  }

  /// Accounts for turns that the trace does not finish.
  func flush() {
    dropTx()
    flushRx()
  }
}
