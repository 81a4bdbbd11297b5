import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

/// A vif that is replayed: a netback of its own, watched by a tap, and the guest's half.
struct VifReplay {
  private let vif: Vif
  private let judge: Judge
  private var queues: [QueueReplay] = []
  /// Whether the backend has cut the guest off, which it does in a poll.
  private var isCutOff: Bool
  /// Whether events are missing since the last snapshot.
  private(set) var isStopped = false

  init(
    _ place: UInt16, _ snapshot: VifSnapshot, header: TraceHeader, world: ReplayWorld,
    options: ReplayOptions, ledger: ReplayLedger
  ) throws(ReplayError) {
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
    isCutOff = snapshot.isDisabled
    if isCutOff { context.resumeDisabled() }
    for address in snapshot.multicast {
      do throws(TxRejection) { try context.multicast.add(address) } catch {
        throw .badSnapshot(vif: Int(place))
      }
    }
    let witness = Witness(ledger: ledger)
    for (number, queue) in snapshot.queues.enumerated() {
      queues.append(
        try QueueReplay(
          number, of: vif, from: queue, world: world, judge: judge, witness: witness))
    }
    let observed = header.source == .kernelTap
    let snap = observed ? Int(UInt16.max) : Int(clamping: header.snapLength)
    context.watch(
      with: TraceTap(
        vif: place, snapLength: snap, receiver: witness, now: MonotonicInstant(nanoseconds: 0)))
  }

  /// Number of queues.
  var queueCount: Int { queues.count }

  /// Ends the replay of this vif until the next snapshot.
  mutating func stop() {
    flush()
    isStopped = true
  }

  /// Accounts for turns that the trace does not finish.
  mutating func flush() { for place in queues.indices { queues[place].flush() } }

  /// Lets go of the rings.
  mutating func disconnect() {
    flush()
    queues.removeAll()
    vif.removeQueues()
  }

  /// Ends the watch, which else would keep both sides alive.
  func close() {
    vif.removeQueues()
    vif.context.watch(with: nil)
  }

  /// Takes an event of one of the queues.
  mutating func take(_ event: TraceEvent, _ payload: RawSpan, number: UInt64) {
    guard !isStopped else { return judge.ledger.cut += 1 }
    let place = Int(event.queue)
    guard place < queues.count else { return judge.noteUnknown(event, number) }
    switch event.body.lane {
    case .tx:
      if queues[place].isCutOff(by: event.body) { feed() }
      queues[place].take(tx: event, payload, number: number)
      if case .pollEnd = event.body { isCutOff = judge.context.isDisabled }
    case .rx: queues[place].take(rx: event, payload, number: number, isCutOff: isCutOff)
    case .control: judge.ledger.notReplayed += 1
    }
  }

  /// What came before the guest was cut off counts as before.
  private mutating func feed() { for place in queues.indices { queues[place].feed() } }
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
