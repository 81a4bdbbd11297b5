public import RingCases
public import TraceFormat

/// Replays a trace's guests in front of a live backend, over xenbus: any backend, for all it can see is
/// the ring, and whatever a vif shows of its network side.
///
/// What is compared, and what is not, stands in `Documentation/Replaying.md`.
public struct LiveReplayer {
  /// Makes a vif for one of a trace, by its place in the header.
  public typealias VifMaker = (Int) throws(LiveReplayError) -> CaseVif

  private let makeVif: VifMaker
  private let makeOther: VifMaker?
  private let keptDivergences: Int

  /// Replays on vifs that `makeVif` makes, one for each vif of a trace.
  ///
  /// - Parameters:
  ///   - makeOther: makes vifs of another backend, whose answers count in place of the trace's.
  ///   - keptDivergences: divergences that are kept with all they say; the others are counted.
  ///   - makeVif: makes the vifs that are judged.
  public init(
    against makeOther: VifMaker? = nil, keptDivergences: Int = 16, on makeVif: @escaping VifMaker
  ) {
    self.keptDivergences = keptDivergences
    self.makeVif = makeVif
    self.makeOther = makeOther
  }

  /// Reads a trace to its end and replays it.
  ///
  /// - Parameters:
  ///   - source: the trace's octets.
  ///   - pacer: waits before each event until it is due; without one none is waited for.
  ///   - progress: called at the end of each poll; `false` ends the replay there.
  public func replay(
    _ source: any ByteSource, pacer: Pacer? = nil, progress: (ReplayReport) -> Bool = { _ in true }
  ) throws(LiveReplayError) -> ReplayReport {
    var reader = try open(source)
    let ledger = ReplayLedger()
    var sessions = LiveSessions(
      reader.header, ledger, keeping: keptDivergences, on: makeVif, against: makeOther)
    do throws(LiveReplayError) {
      while let event = try next(&reader), pacer?.wait(for: event.time) ?? true {
        let number = reader.eventNumber - 1
        try sessions.take(event, payload: reader.payload, number: number)
        if case .pollEnd = event.body, !progress(ledger.report) { break }
      }
      try sessions.finish()
    } catch {
      // What went wrong first says more than what cannot be taken away; and where a backend went
      // another way, more than that it goes no further.
      try? sessions.finish()
      guard case .vif = error, ledger.diverged > 0 else { throw error }
    }
    var report = ledger.report
    report.isTruncated = reader.isTruncated
    return report
  }

  private func open(_ source: any ByteSource) throws(LiveReplayError) -> TraceReader {
    do throws(TraceError) { return try TraceReader(source) } catch { throw .trace(error) }
  }

  private func next(_ reader: inout TraceReader) throws(LiveReplayError) -> TraceEvent? {
    do throws(TraceError) { return try reader.next() } catch { throw .trace(error) }
  }
}

/// Why a trace could not be replayed on a live backend.
public enum LiveReplayError: Error, Hashable, Sendable {
  /// The trace could not be read.
  case trace(TraceError)
  /// The vif could not be made, connected or watched.
  case vif(CaseError)
  /// A vif's snapshot is one that no backend was ever in.
  case badSnapshot(vif: Int)
  /// There is one vif to play on, and more were recorded.
  case noSecondVif
  /// The recorded guest used a header area, and the backend offers none.
  case noHeaderArea
}
