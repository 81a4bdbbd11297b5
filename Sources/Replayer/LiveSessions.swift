import RingCases
import TraceFormat
import XenInterface

/// The vifs of a trace, each in front of a live backend.
struct LiveSessions {
  private let header: TraceHeader
  private let ledger: ReplayLedger
  private let limit: Int
  private let makeVif: LiveReplayer.VifMaker
  private let makeOther: LiveReplayer.VifMaker?
  private var sessions: [UInt16: LiveSession] = [:]

  /// - Parameter limit: how many differences are kept.
  init(
    _ header: TraceHeader, _ ledger: ReplayLedger, keeping limit: Int,
    on makeVif: @escaping LiveReplayer.VifMaker, against makeOther: LiveReplayer.VifMaker?
  ) {
    self.header = header
    self.ledger = ledger
    self.limit = limit
    self.makeVif = makeVif
    self.makeOther = makeOther
  }

  /// Takes the next event; `number` is its place in the trace.
  mutating func take(
    _ event: TraceEvent, payload: RawSpan, number: UInt64
  ) throws(LiveReplayError) {
    ledger.countRecorded()
    if case .gap(let lost) = event.body { return try stop(at: number, lost: lost) }
    if header.vifs.indices.contains(Int(event.vif)) || event.isSnapshot { try begin(event.vif) }
    guard try sessions[event.vif]?.take(event, payload: payload, number: number) != nil else {
      return noteUnknown(event, number)
    }
  }

  /// A gap does not say whose events are missing: no vif is replayed on until its next snapshot.
  private mutating func stop(at number: UInt64, lost: UInt64) throws(LiveReplayError) {
    for vif in header.vifs.indices { try begin(UInt16(clamping: vif)) }
    for vif in sessions.keys.sorted() { sessions[vif]?.stop(at: number, lost: lost) }
  }

  private func noteUnknown(_ event: TraceEvent, _ number: UInt64) {
    let divergence = Divergence(
      kind: .unknownQueue, number: number, vif: event.vif, queue: event.queue, recorded: event)
    ledger.note(divergence, keeping: limit)
  }

  /// Accounts for what the trace does not finish, and lets go of the vifs.
  mutating func finish() throws(LiveReplayError) {
    var failure: LiveReplayError?
    for vif in sessions.keys.sorted() {
      do throws(LiveReplayError) { try sessions[vif]?.finish() } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private mutating func begin(_ vif: UInt16) throws(LiveReplayError) {
    guard sessions[vif] == nil else { return }
    sessions[vif] = LiveSession(
      header, vif: vif, on: try makeVif(Int(vif)), against: try makeOther?(Int(vif)),
      ledger: ledger, keeping: limit)
  }
}

extension TraceEvent {
  /// Whether a vif may begin with it that the header does not know.
  fileprivate var isSnapshot: Bool { if case .snapshot = body { true } else { false } }
}
