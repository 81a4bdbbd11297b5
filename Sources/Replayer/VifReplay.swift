import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

/// A vif that is replayed: a netback of its own, watched by a tap, and the guest's half.
struct VifReplay {
  private let vif: Vif
  private let judge: Judge
  private let meter: MeteredGrants
  private var queues: [QueueReplay] = []
  /// Whether the backend has cut the guest off, which it does in a poll.
  private var isCutOff: Bool
  private var control: ControlReplay?
  private var choices: QueueChoices?
  /// Whether the events of queue 0 are those of a poll of the control ring.
  private var isInControlPoll = false
  /// Whether events are missing since the last snapshot.
  private(set) var isStopped = false

  init(
    _ place: UInt16, _ snapshot: VifSnapshot, header: TraceHeader, world: ReplayWorld,
    options: ReplayOptions, ledger: ReplayLedger
  ) throws(ReplayError) {
    meter = MeteredGrants(world.backend.grants)
    let injecting = world.injectsStatuses ? InjectingGrants(meter) : nil
    let configuration = VifConfiguration(
      domain: world.guest.domain, handle: snapshot.handle,
      profile: options.profile ?? header.profile, order: header.order,
      path: options.path, features: snapshot.features)
    guard
      let context = VifContext(
        snapshot, configuration, grants: injecting ?? meter)
    else { throw .badSnapshot(vif: Int(place)) }
    vif = Vif(context: context)
    let redaction = header.redactionStatement
    judge = Judge(
      vif: place, isCut: header.snapLength < UInt16.max, cutsUnevenly: redaction.headersOnly,
      context: context, injecting: injecting, options: options, ledger: ledger)
    isCutOff = snapshot.isDisabled
    let witness = Witness(ledger: ledger, rules: TxRules(configuration.profile))
    for (number, queue) in snapshot.queues.enumerated() {
      queues.append(
        try QueueReplay(
          number, of: vif, from: queue,
          headers: try snapshot.headerArea(ofQueue: number, vif: place), world: world,
          judge: judge, witness: witness))
    }
    let observed = header.source == .kernelTap
    if let indices = snapshot.control {
      control = try ControlReplay(
        of: vif, from: indices,
        passingStaging: options.path == .staged || snapshot.keepsPagesMapped, world: world,
        judge: judge, witness: witness)
      choices = QueueChoices(
        snapshot, isObserved: observed, hasAddresses: !redaction.scrambled)
    }
    let snap = observed ? Int(UInt16.max) : Int(clamping: header.snapLength)
    context.watch(
      with: TraceTap(
        vif: place, snapLength: snap, receiver: witness, now: MonotonicInstant(nanoseconds: 0)))
  }

  /// What this vif's backend has asked of Xen, and how many packets it has carried for it.
  var use: (grants: GrantUse, mapped: MappedUse, packets: UInt64) {
    let statistics = vif.context.statistics
    return (meter.use, MappedUse(statistics), statistics.txPackets + statistics.rxPackets)
  }

  /// Events of turns that are not over.
  var eventsUnderWay: UInt64 {
    queues.reduce(control?.eventsUnderWay ?? 0) {
      $0 + UInt64($1.txTurn.entries.count + $1.rxTurn.entries.count)
    }
  }

  /// Ends the replay of this vif until the next snapshot.
  mutating func stop() {
    flush()
    isStopped = true
  }

  /// Accounts for turns that the trace does not finish.
  mutating func flush() {
    for place in queues.indices { queues[place].flush() }
    note(choices?.takeDoubtful() ?? [])
    control?.drop()
    isInControlPoll = false
  }

  /// Lets go of the rings.
  mutating func disconnect() {
    flush()
    queues.removeAll()
    letGo()
  }

  private mutating func letGo() {
    vif.removeQueues()
    vif.removeControl()
    control = nil
  }

  /// Leaves so many octets free before the data in each page for the guest from now on.
  func leave(headroom: UInt16) { vif.context.leave(headroom: headroom) }

  /// Ends the watch, which else would keep both sides alive.
  func close() {
    vif.removeQueues()
    vif.removeControl()
    vif.context.watch(with: nil)
  }

  /// Takes an event of one of the queues.
  mutating func take(_ event: TraceEvent, _ payload: RawSpan, number: UInt64) {
    guard !isStopped else { return judge.ledger.cut += 1 }
    if isInControlPoll, event.queue == 0 { return take(control: event, payload, number) }
    let place = Int(event.queue)
    guard place < queues.count else { return judge.noteUnknown(event, number) }
    let lane = event.body.lane
    guard !queues[place].isLeftOut || lane == .control else { return leaveOut(event) }
    switch lane {
    case .tx:
      if queues[place].isCutOff(by: event.body) { feed() }
      queues[place].take(tx: event, payload, number: number)
      if case .pollEnd = event.body { isCutOff = judge.context.isDisabled }
    case .rx:
      if case .taken(let frame) = event.body { judgeChoice(of: frame, event, payload, number) }
      queues[place].take(rx: event, payload, number: number, isCutOff: isCutOff)
    case .control: take(control: event, payload, number)
    }
  }

  /// Leaves out an event of a queue that is not replayed. That the guest is cut off concerns all.
  private mutating func leaveOut(_ event: TraceEvent) {
    judge.ledger.countNotReplayed()
    guard case .disabled = event.body else { return }
    feed()
    judge.context.resumeDisabled()
    isCutOff = true
  }

  /// Whatever stands between begin and end of a poll of the control ring is of that poll. Without
  /// such a ring it is left out.
  private mutating func take(control event: TraceEvent, _ payload: RawSpan, _ number: UInt64) {
    guard event.queue == 0 else { return judge.noteUnknown(event, number) }
    if case .pollBegin(.control, _) = event.body { isInControlPoll = true }
    guard let control else {
      judge.ledger.countNotReplayed()
      if case .pollEnd(.control, _, _, _) = event.body { isInControlPoll = false }
      return
    }
    control.take(event, payload, number: number)
    guard case .pollEnd(.control, _, _, _) = event.body else { return }
    isInControlPoll = false
    if control.cutsOff { feed() }
    let states = control.run()
    note(choices?.take(states, at: event.time) ?? [])
  }

  private mutating func judgeChoice(
    of frame: TraceEvent.FrameRecord, _ event: TraceEvent, _ payload: RawSpan, _ number: UInt64
  ) {
    let wrong = choices?.take(event, frame, payload, number: number, now: vif.context.hash)
    if let wrong { note([wrong]) }
  }

  private func note(_ wrong: [FrameChoice]) {
    for choice in wrong {
      judge.note(.differs, choice.number, choice.event, choice.right, choice.event.queue)
    }
  }

  /// What came before the guest was cut off counts as before.
  private mutating func feed() { for place in queues.indices { queues[place].feed() } }
}

extension VifContext {
  /// What a backend has in mind of a vif as the trace finds it; `nil` when no vif can be so.
  fileprivate convenience init?(
    _ snapshot: VifSnapshot, _ configuration: VifConfiguration, grants: any GrantDevice
  ) {
    guard let headroom = snapshot.headroom, let hash = HashState(snapshot.hash) else { return nil }
    var configuration = configuration
    configuration.receiveHeadroom = headroom
    self.init(configuration: configuration, grants: grants, sink: NoSink())
    if snapshot.isDisabled { resumeDisabled() }
    resume(hash: hash)
    for address in snapshot.multicast {
      do throws(TxRejection) { try multicast.add(address) } catch { return nil }
    }
  }
}

extension VifSnapshot {
  /// Whether the recorded backend kept pages mapped when it was asked to.
  fileprivate var keepsPagesMapped: Bool {
    keys.contains { $0.name == Key.path && $0.value == DataPath.staged.rawValue }
  }

  /// The header area that a queue of the recorded backend had.
  func headerArea(ofQueue number: Int, vif: UInt16) throws(ReplayError) -> HeaderArea? {
    guard let pages = headerPages(ofQueue: number) else { return nil }
    guard let area = HeaderArea(grants: pages) else { throw .badSnapshot(vif: Int(vif)) }
    return area
  }
}

/// Frames leave the replay here: the tap has seen them.
private final class NoSink: FrameSink {
  func deliver(_ batch: FrameBatch, queue: UInt16) {}
}

extension Judge {
  func noteUnknown(_ event: TraceEvent, _ number: UInt64) {
    ledger.note(
      Divergence(
        kind: .unknownQueue, number: number, vif: event.vif, queue: event.queue, recorded: event,
        replayed: nil), keeping: 16)
  }
}
