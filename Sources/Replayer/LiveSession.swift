import RingCases
import TraceFormat
import XenInterface

/// One vif of a trace: its guest in front of a live backend, or of two that are compared with each other.
struct LiveSession {
  let header: TraceHeader
  private let place: UInt16
  private let limit: Int
  let ledger: ReplayLedger
  var side: LiveSide
  /// What is compared with, instead of with the trace.
  var other: LiveSide?
  /// How the guest is to be connected, once it does something.
  private var wanted: VifSnapshot?
  private var turns: [TxTurns] = []
  /// The polls of the control ring; nil where the recorded guest had none.
  var controls: ControlTurns?
  var rx: LiveRx?
  var comparisons: [LiveComparison] = []
  /// Whether the events from here on cannot be replayed: some are missing, or the guest was cut off.
  var isStopped = false
  var isInControlPoll = false

  /// - Parameter limit: how many differences are kept.
  init(
    _ header: TraceHeader, vif place: UInt16, on vif: CaseVif, against other: CaseVif?,
    ledger: ReplayLedger, keeping limit: Int
  ) {
    self.header = header
    self.place = place
    self.limit = limit
    self.ledger = ledger
    side = LiveSide(on: vif)
    self.other = other.map { LiveSide(on: $0) }
    if header.vifs.indices.contains(Int(place)) { prepare(header.vifs[Int(place)]) }
  }

  /// Takes the next event of the vif; `number` is its place in the trace.
  mutating func take(
    _ event: TraceEvent, payload: RawSpan, number: UInt64
  ) throws(LiveReplayError) {
    switch event.body {
    case .snapshot: prepare(try snapshot(payload))
    case .connected(let queues): connect(queues: Int(queues))
    case .disconnected: try disconnect()
    case .key:
      rx?.take(key: payload)
      ledger.countNotReplayed()
    case .state, .note: ledger.countNotReplayed()
    default: try pass(event, payload, number)
    }
  }

  /// Leaves out what comes before the next snapshot: events are missing here.
  mutating func stop(at number: UInt64, lost: UInt64) {
    guard !isStopped else { return }
    flush()
    isStopped = true
    ledger.note(gap: .init(vif: place, number: number, lost: lost))
  }

  /// Accounts for what the trace does not finish, and lets go of the vif.
  mutating func finish() throws(LiveReplayError) {
    flush()
    do throws(LiveReplayError) { try side.finish() } catch {
      // The other's own failure says no more.
      try? other?.finish()
      throw error
    }
    try other?.finish()
  }
}

// MARK: - Connections

extension LiveSession {
  private func snapshot(_ payload: RawSpan) throws(LiveReplayError) -> VifSnapshot {
    do throws(Corruption) { return try VifSnapshot(encoded: payload) } catch {
      throw .badSnapshot(vif: Int(place))
    }
  }

  /// The guest of a snapshot is connected when it does something: mostly another snapshot comes first.
  private mutating func prepare(_ snapshot: VifSnapshot) {
    flush()
    wanted = snapshot.queues.isEmpty ? nil : snapshot
    turns = snapshot.queues.map { TxTurns(from: $0) }
    controls = snapshot.control.map { ControlTurns(from: $0) }
    rx = LiveRx(from: snapshot)
    comparisons = snapshot.queues.indices.map {
      LiveComparison(vif: place, queue: UInt16(clamping: $0), ledger: ledger, limit: limit)
    }
    isStopped = snapshot.isDisabled
  }

  /// Without a snapshot behind it, a connection has fresh rings.
  private mutating func connect(queues: Int) {
    guard header.vifs.indices.contains(Int(place)) else { return }
    prepare(header.vifs[Int(place)].connectedAnew(queues: queues))
  }

  private mutating func disconnect() throws(LiveReplayError) {
    flush()
    turns = []
    controls = nil
    rx = nil
    comparisons = []
    wanted = nil
    try side.disconnect()
    try other?.disconnect()
  }

  /// Connects the guest of the last snapshot, once it does something.
  mutating func connect(before number: UInt64) throws(LiveReplayError) {
    guard let snapshot = wanted else { return }
    try side.connect(snapshot, place: place)
    try other?.connect(snapshot, place: place)
    wanted = nil
    try setHash(snapshot, before: number)
  }

  private mutating func flush() {
    for queue in turns.indices { drop(queue) }
    dropControl()
    ledger.cut += rx?.answersUnderWay ?? 0
    for queue in comparisons.indices { comparisons[queue].finish() }
    isInControlPoll = false
  }
}

// MARK: - Turns

extension LiveSession {
  private mutating func pass(
    _ event: TraceEvent, _ payload: RawSpan, _ number: UInt64
  ) throws(LiveReplayError) {
    let queue = Int(event.queue)
    if try take(control: event, payload, number) { return }
    guard event.body.lane == .tx else { return try take(rx: event, payload, number) }
    guard turns.indices.contains(queue) else { return ledger.cut += 1 }
    if case .pollBegin = event.body, turns[queue].hasAnswers { settle(queue) }
    turns[queue].append(event, payload, number: number)
    switch event.body {
    case .pollEnd: try play(queue, number)
    case .responseProducer where !turns[queue].isInPoll: settle(queue)
    default: if turns[queue].turn.isOverfull { drop(queue) }
    }
  }

  private mutating func play(_ queue: Int, _ number: UInt64) throws(LiveReplayError) {
    let batch = turns[queue].takeBatch()
    if batch.missing > 0 { stop(at: number, lost: UInt64(batch.missing)) }
    guard !isStopped else { return drop(queue) }
    guard !batch.isEmpty else { return settle(queue) }
    try connect(before: number)
    guard !isStopped else { return drop(queue) }
    let isCut = header.snapLength < UInt16.max
    let outcome = try side.play(batch, queue: queue, fillingCuts: isCut)
    if let beside = try other?.play(batch, queue: queue, fillingCuts: isCut) {
      comparisons[queue].compare(batch.turn, beside, outcome)
      isStopped = beside.isCutOff
    } else {
      comparisons[queue].compare(batch.turn, outcome)
    }
    turns[queue].removeAll()
    if outcome.isCutOff { isStopped = true }
  }

  /// Compares a turn in which the guest has nothing to do.
  private mutating func settle(_ queue: Int) {
    if other == nil { comparisons[queue].compare(turns[queue].turn, nil) }
    turns[queue].removeAll()
  }

  private mutating func drop(_ queue: Int) {
    ledger.cut += UInt64(turns[queue].turn.entries.count)
    turns[queue].removeAll()
  }
}
