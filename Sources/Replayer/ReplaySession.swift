public import TraceFormat
import XenInterface
import XenRing

/// Replays the events of one trace, one after the other.
///
/// What is compared, and what is not, stands in `Documentation/Replaying.md`.
public struct ReplaySession: ~Copyable {
  private let header: TraceHeader
  private let world: ReplayWorld
  private let options: ReplayOptions
  private let ledger = ReplayLedger()
  /// By their places; `nil` where no vif is.
  private var vifs: [VifReplay?] = []
  /// A connection whose snapshot is still to come.
  private var connections: [UInt16: (event: TraceEvent, number: UInt64)] = [:]
  private let isAtBeginning: Bool
  /// Queues that are to be replayed and were not there so far.
  private var unseen: [QueueChoice]
  /// What was counted before the place from which on is judged.
  private var before = ReplayReport()

  /// Makes the vifs of the header, as they stood. Not `atBeginning`, events of a trace were passed over:
  /// a vif is made when its snapshot comes, and what comes of it before counts as cut.
  public init(
    _ header: TraceHeader, in world: ReplayWorld, options: ReplayOptions = ReplayOptions(),
    atBeginning: Bool = true
  ) throws(ReplayError) {
    self.header = header
    self.world = world
    self.options = options
    unseen = options.queues
    isAtBeginning = atBeginning
    guard atBeginning else { return }
    for (place, snapshot) in header.vifs.enumerated() {
      try open(UInt16(clamping: place), snapshot)
    }
  }

  deinit { for vif in vifs { vif?.close() } }

  /// The account so far, of what is judged.
  public var report: ReplayReport {
    var report = account
    report.subtract(before)
    return report
  }

  /// The account of all that was done.
  private var account: ReplayReport {
    var report = ledger.report
    for place in vifs.indices { if let use = vifs[place]?.use { report.count(use) } }
    return report
  }

  /// A queue that was to be replayed and is none of the vifs'.
  var missingQueue: QueueChoice? { unseen.first }

  /// Takes the next event; `number` is its place in the trace.
  public mutating func take(
    _ event: TraceEvent, payload: RawSpan, number: UInt64
  ) throws(ReplayError) {
    ledger.countRecorded()
    switch event.body {
    case .gap(let lost): stop(at: number, lost: lost)
    case .snapshot: try resume(event, payload)
    case .connected(let queues): try connect(event, queues: Int(queues), number: number)
    case .disconnected: if isOpen(event.vif) { vifs[Int(event.vif)]?.disconnect() }
    case .key(of: .frontend, _):
      if isOpen(event.vif) { vifs[Int(event.vif)]?.take(key: payload) }
      ledger.countNotReplayed()
    case .state, .key, .note: ledger.countNotReplayed()
    default: pass(event, payload, number)
    }
  }

  /// Accounts for what the trace does not finish, and gives the verdict.
  public mutating func finish() -> ReplayReport {
    for place in vifs.indices { vifs[place]?.flush() }
    return report
  }

  /// Judges from here on: what came before has only brought the vifs to where they are. A turn that is
  /// under way is judged as a whole.
  ///
  /// - Parameter number: of the next event.
  mutating func judgeFromHere(_ number: UInt64) throws(ReplayError) {
    guard knowsVifs else { throw .noState(number: number) }
    before = account
    for place in vifs.indices { before.recorded -= vifs[place]?.eventsUnderWay ?? 0 }
    ledger.judgeFromHere { vifs[Int($0)]?.isStopped == true }
  }

  /// Whether it is known how vifs stand, of one at least, if there are any.
  var knowsVifs: Bool {
    let isStopped = vifs.compactMap { $0?.isStopped }
    return isStopped.isEmpty || isStopped.contains(false)
  }

  private func isOpen(_ place: UInt16) -> Bool {
    Int(place) < vifs.count && vifs[Int(place)] != nil
  }

  private mutating func pass(_ event: TraceEvent, _ payload: RawSpan, _ number: UInt64) {
    let place = Int(event.vif)
    var vifs = vifs.mutableSpan
    guard place < vifs.count, vifs[place]?.take(event, payload, number: number) != nil else {
      return noteUnknown(event, number)
    }
  }

  private func noteUnknown(_ event: TraceEvent, _ number: UInt64) {
    guard isAtBeginning else { return ledger.cut += 1 }
    let divergence = Divergence(
      kind: .unknownQueue, number: number, vif: event.vif, queue: event.queue, recorded: event)
    ledger.note(divergence, keeping: options.keptDivergences)
  }

  // MARK: - Vifs

  private mutating func open(_ place: UInt16, _ snapshot: VifSnapshot) throws(ReplayError) {
    while vifs.count <= Int(place) { vifs.append(nil) }
    for queue in snapshot.queues.indices {
      unseen.removeAll { $0.means(UInt16(clamping: queue), of: place) }
    }
    vifs[Int(place)]?.disconnect()
    if let replaced = vifs[Int(place)].take() {
      ledger.count(of: replaced)
      replaced.close()
    }
    vifs[Int(place)] = try VifReplay(
      place, snapshot, header: header, world: world, options: options, ledger: ledger)
  }

  /// A gap does not say whose events are missing: no vif is replayed on until its next snapshot.
  private mutating func stop(at number: UInt64, lost: UInt64) {
    for place in vifs.indices where vifs[place]?.isStopped == false {
      vifs[place]?.stop()
      ledger.note(gap: .init(vif: UInt16(place), number: number, lost: lost))
    }
  }

  private mutating func resume(_ event: TraceEvent, _ payload: RawSpan) throws(ReplayError) {
    let snapshot: VifSnapshot
    do throws(Corruption) { snapshot = try VifSnapshot(encoded: payload) } catch {
      throw .badSnapshot(vif: Int(event.vif))
    }
    try open(event.vif, snapshot)
    guard let connection = connections.removeValue(forKey: event.vif) else { return }
    if case .connected(let queues) = connection.event.body, Int(queues) != snapshot.queues.count {
      let divergence = Divergence(
        kind: .differs, number: connection.number, vif: event.vif, queue: 0,
        recorded: connection.event)
      ledger.note(divergence, keeping: options.keptDivergences)
    } else {
      ledger.countMatched()
    }
  }

  /// Without a snapshot behind it, a connection has fresh rings.
  private mutating func connect(
    _ event: TraceEvent, queues: Int, number: UInt64
  ) throws(ReplayError) {
    guard let vif = header.vifs.indices.contains(Int(event.vif)) ? header.vifs[Int(event.vif)] : nil
    else { return noteUnknown(event, number) }
    try open(event.vif, vif.connectedAnew(queues: queues))
    connections[event.vif] = (event, number)
  }
}

extension VifSnapshot {
  /// Queues that a trace may connect without a snapshot.
  private static let mostQueues = 64

  /// The vif on fresh rings.
  func connectedAnew(queues count: Int) -> VifSnapshot {
    var fresh = self
    fresh.multicast = []
    if fresh.control != nil { fresh.control = QueueSnapshot.Indices() }
    fresh.queues = Array(repeating: QueueSnapshot(), count: min(count, Self.mostQueues))
    return fresh
  }
}
