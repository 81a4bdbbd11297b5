import KernelTap
import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

/// Turns what the kernel tap saw of one vif into trace events.
///
/// Queues are snapshotted one by one. Events wait until all are, then stand behind one snapshot.
/// When something is missing, or a snapshot does not add up, a new round of snapshots is wanted;
/// what comes before it cannot be placed, and is counted as lost.
final class KernelEvents {
  /// Records that wait for a snapshot at most.
  static let patience = 1 << 16
  /// Snapshots that do not add up and are not accepted all the same.
  static let mostRejections = 64

  private let domain: DomainID
  private let handle: VifHandle
  private unowned let receiver: any TraceReceiver
  private let lost: (UInt64) -> Void
  /// Records that came and could not be placed.
  private(set) var unplaced: UInt64 = 0
  /// Whether a new round of snapshots is needed to go on.
  private(set) var wantsRound = false
  /// The round whose snapshots are taken.
  private var round: UInt32 = 0
  /// The round whose snapshots were complete last.
  private var begunRound: UInt32 = 0
  private var rejections = 0
  /// Whether there was a snapshot ever: what comes before the first is not missing.
  private var hasBegun = false
  private var isConnectionNew = true
  private var vif: TapVif?
  private var txSnapshots: [UInt16: TapTxSnapshot] = [:]
  private var rxSnapshots: [UInt16: TapRxSnapshot] = [:]
  private var controlSnapshot: TapControlSnapshot?
  /// Whether the tap sees the control ring: then its snapshot is waited for, too.
  private let watchesControl: Bool
  /// Something for people, which stands before all else.
  private var opening: String?
  private var waiting: [TapRecord] = []
  /// Whether all queues have their snapshot.
  private(set) var isReady = false
  /// The snapshot that the events stand behind.
  var begun: VifSnapshot?
  var time = MonotonicInstant(nanoseconds: 0)
  var tracks: [UInt16: KernelTxTrack] = [:]
  var rxTracks: [UInt16: KernelRxTrack] = [:]
  var controlTrack: KernelControlTrack?
  var isInPoll: Set<UInt16> = []
  var answers: [UInt16: KernelAnswers] = [:]

  /// - Parameter opening: a note that the trace begins with.
  init(
    domain: DomainID, handle: VifHandle, watchesControl: Bool, opening: String? = nil,
    receiver: any TraceReceiver, lost: @escaping (UInt64) -> Void
  ) {
    self.watchesControl = watchesControl
    self.opening = opening
    self.domain = domain
    self.handle = handle
    self.receiver = receiver
    self.lost = lost
  }

  /// Says that a round of snapshots has begun; those of earlier ones are not taken any more.
  func expect(round: UInt32) {
    self.round = round
    wantsRound = false
  }

  /// Takes the next record.
  func take(_ record: TapRecord) {
    switch record.body {
    case .vif(let vif): self.vif = vif
    case .txSnapshot(let snapshot): take(snapshot, of: record)
    case .rxSnapshot(let snapshot):
      guard begins(snapshot.round, with: record) else { return }
      rxSnapshots[record.queue ?? 0] = snapshot
      beginIfComplete(at: record.time)
    case .controlSnapshot(let snapshot):
      guard begins(snapshot.round, with: record) else { return }
      controlSnapshot = snapshot
      beginIfComplete(at: record.time)
    case .nothing: break
    case .connected: connect(record)
    case .disconnected: disconnect(record)
    case .gap(let count):
      flushAll()
      lost(count)
      lose()
    default: isReady ? pass(record) : keep(record)
    }
  }

  /// Hands over the answers that still wait.
  func finish() {
    flushAll()
    forget()
  }

  private func flushAll() { for queue in answers.keys.sorted() { flush(queue) } }

  func emit(_ queue: UInt16, _ body: TraceEvent.Body, _ payload: ArraySlice<UInt8> = []) {
    let event = TraceEvent(time: time, queue: queue, origin: .observed, body)
    receiver.receive(event, payload: payload.span.octets)
  }

  /// Gives up on what is known of the rings: a record is missing, or cannot be placed.
  func lose() {
    // A round that is under way and of which nothing has come yet will do.
    let hasSnapshots =
      !txSnapshots.isEmpty || !rxSnapshots.isEmpty || controlSnapshot != nil
    if round == begunRound || hasSnapshots { wantsRound = true }
    forget()
  }

  /// Counts a record that cannot be placed.
  func drop() {
    guard hasBegun else { return }
    unplaced += 1
    lost(1)
  }
}

// MARK: - Further files

extension KernelEvents {
  /// Whether a trace may begin here: nothing is half done.
  var canBeginFile: Bool {
    isInPoll.isEmpty && rxTracks.values.allSatisfy(\.isBetweenBatches)
      && answers.values.allSatisfy(\.isEmpty) && controlTrack?.isBetweenCalls ?? true
  }

  /// Begins a further file with what is known of the vif.
  ///
  /// - Parameter saysConnection: whether it begins as if the vif had just been connected.
  func beginFile(saysConnection: Bool = true) {
    guard isReady, var snapshot = begun else { return }
    for place in snapshot.queues.indices {
      tracks[UInt16(place)]?.describe(&snapshot.queues[place])
      rxTracks[UInt16(place)]?.describe(&snapshot.queues[place])
    }
    controlTrack?.describe(&snapshot)
    if saysConnection { emit(0, .connected(queues: UInt16(clamping: snapshot.queues.count))) }
    emit(snapshot)
  }
}

// MARK: - Snapshots

extension KernelEvents {
  private func forget() {
    isReady = false
    txSnapshots.removeAll()
    rxSnapshots.removeAll()
    controlSnapshot = nil
    dropWaiting { _ in true }
    for queue in answers.keys { answers[queue]?.removeAll().forEach { _ in drop() } }
    tracks.removeAll()
    rxTracks.removeAll()
    controlTrack = nil
    isInPoll.removeAll()
    answers.removeAll()
  }

  /// Keeps a record until all snapshots are there, if that of its own ring is.
  private func keep(_ record: TapRecord) {
    let queue = record.queue ?? 0
    let isPlaced =
      switch record.ring {
      case .tx: txSnapshots[queue] != nil
      case .rx: rxSnapshots[queue] != nil
      case .control: controlSnapshot != nil
      }
    guard isPlaced else { return drop() }
    waiting.append(record)
    guard waiting.count >= Self.patience else { return }
    wantsRound = true
    forget()
  }

  /// Whether a snapshot of this round is to be taken; the first one of a new round ends the old.
  /// A ring that gets another in the same round begins anew with it.
  private func begins(_ round: UInt32, with record: TapRecord) -> Bool {
    guard round == self.round else { return false }
    guard isReady else {
      dropWaiting { $0.queue == record.queue && $0.ring == record.ring }
      return true
    }
    flushAll()
    forget()
    // The other rings have had theirs.
    wantsRound = round == begunRound
    return !wantsRound
  }

  private func dropWaiting(where isToGo: (TapRecord) -> Bool) {
    let before = waiting.count
    waiting.removeAll(where: isToGo)
    for _ in waiting.count..<before { drop() }
  }

  private func take(_ snapshot: TapTxSnapshot, of record: TapRecord) {
    guard begins(snapshot.round, with: record) else { return }
    guard snapshot.isConsistent || rejections == Self.mostRejections else {
      rejections += 1
      wantsRound = true
      return forget()
    }
    vif = snapshot.vif
    txSnapshots[record.queue ?? 0] = snapshot
    beginIfComplete(at: record.time)
  }

  /// Queues are connected one after the other, each with snapshots right behind.
  private func connect(_ record: TapRecord) {
    if isReady {
      forget()
      // The control ring may stay as it is, and would not be said again.
      wantsRound = true
    }
    isConnectionNew = true
    txSnapshots[record.queue ?? 0] = nil
    rxSnapshots[record.queue ?? 0] = nil
  }

  private func disconnect(_ record: TapRecord) {
    time = record.time
    flushAll()
    if isReady { emit(0, .disconnected) }
    isConnectionNew = true
    forget()
  }

  private func beginIfComplete(at now: MonotonicInstant) {
    guard !isReady, let vif, vif.queues > 0, controlSnapshot != nil || !watchesControl else {
      return
    }
    let queues = (0..<UInt16(clamping: vif.queues))
    guard queues.allSatisfy({ txSnapshots[$0] != nil && rxSnapshots[$0] != nil }) else { return }
    isReady = true
    begunRound = round
    hasBegun = true
    rejections = 0
    time = now
    let snapshot = KernelSnapshot.vif(
      domain, handle, vif, tx: queues.compactMap { txSnapshots[$0] },
      rx: queues.compactMap { rxSnapshots[$0] }, control: controlSnapshot)
    for (queue, tx) in txSnapshots { tracks[queue] = KernelTxTrack(tx) }
    for (queue, rx) in rxSnapshots { rxTracks[queue] = KernelRxTrack(rx) }
    if let controlSnapshot { controlTrack = KernelControlTrack(controlSnapshot, snapshot.hash) }
    begun = snapshot
    txSnapshots.removeAll()
    rxSnapshots.removeAll()
    controlSnapshot = nil
    if let opening { note(opening, 0) }
    opening = nil
    if isConnectionNew { emit(0, .connected(queues: UInt16(clamping: vif.queues))) }
    isConnectionNew = false
    emit(snapshot)
    passWaiting()
  }

  private func emit(_ snapshot: VifSnapshot) {
    let octets = snapshot.encoded()
    emit(0, .snapshot(length: UInt32(octets.count)), octets[...])
  }

  private func passWaiting() {
    let early = waiting
    waiting.removeAll()
    for record in early { isReady ? pass(record) : keep(record) }
  }
}

extension TapRecord {
  /// The ring that it is about.
  fileprivate var ring: TraceRing {
    switch body {
    case .rxSnapshot, .rxRequests, .taken, .rxFlush: .rx
    case .controlSnapshot, .controlRequests, .controlCopies, .controlAnswers: .control
    default: .tx
    }
  }
}

extension TapTxSnapshot {
  /// Whether the table of requests under way agrees with the ring's indices. It does not when
  /// another processor answered while the snapshot was taken.
  fileprivate var isConsistent: Bool {
    // A frontend that was cut off leaves requests behind that are in neither.
    if vif.isDisabled { return true }
    let underWay = pending.reduce(UInt32(0)) { $0 &+ 1 &+ $1.extras }
    return !isTorn && underWay == ring.requestConsumer.distance(from: ring.privateProducer)
  }
}
