public import TraceFormat

/// A trace under replay: what reads its events, and the session that they go to.
public struct Playback: ~Copyable {
  private var reader: TraceReader
  private var session: ReplaySession
  private var from: TracePointWatch?
  private var to: TracePointWatch?
  private var ending = Ending.none

  private enum Ending { case none, end, place }

  /// Number of the event that `next` returned last.
  public private(set) var number: UInt64 = 0
  /// Whether the place is behind from which on is judged.
  public private(set) var isJudging = false

  /// Begins with the trace's header.
  public init(
    _ source: any ByteSource, in world: ReplayWorld, options: ReplayOptions = ReplayOptions()
  ) throws(ReplayError) {
    var reader = try Self.open(source)
    from = options.from.map(TracePointWatch.init)
    to = options.to.map(TracePointWatch.init)
    let passed = try Self.pass(&reader, before: options.from)
    if let passed {
      from?.pass(passed)
      to?.pass(passed)
    }
    session = try ReplaySession(
      reader.header, in: world, options: options, atBeginning: passed == nil)
    self.reader = reader
  }

  /// What the trace says of itself.
  public var header: TraceHeader { reader.header }

  /// The octets of the event that `next` returned last.
  public var payload: RawSpan {
    @_lifetime(&self) mutating get { reader.payload }
  }

  /// The account so far, of what is judged.
  public var report: ReplayReport { session.report }

  /// The next event; `nil` at the end of what is to be replayed.
  public mutating func next() throws(ReplayError) -> TraceEvent? {
    guard let event = try read() else {
      ending = .end
      return nil
    }
    number = reader.eventNumber - 1
    guard to?.reaches(event, number: number) != true else {
      ending = .place
      return nil
    }
    if !isJudging, from?.reaches(event, number: number) ?? true { try judge(from: event) }
    return event
  }

  /// Replays the event that `next` returned last.
  public mutating func take(_ event: TraceEvent) throws(ReplayError) {
    try session.take(event, payload: reader.payload, number: number)
  }

  /// Accounts for what is under way, and gives the verdict.
  public mutating func finish() throws(ReplayError) -> ReplayReport {
    if ending != .none {
      if let queue = session.missingQueue { throw .noQueue(queue) }
      if !isJudging, from != nil {
        throw ending == .end ? .placeBehindEnd(events: reader.eventNumber) : .emptyRange
      }
    }
    if !isJudging { try judge(from: nil) }
    var report = session.finish()
    report.isTruncated = reader.isTruncated
    return report
  }

  /// Passes over events as far before a place as the vifs are known from a snapshot; nil when there are none, or in a
  /// source that cannot be read from anywhere.
  private static func pass(
    _ reader: inout TraceReader, before point: TracePoint?
  ) throws(ReplayError) -> PassedEvents? {
    guard let point else { return nil }
    do throws(TraceError) {
      return try reader.seek(before: point) == nil ? nil : reader.seekSnapshots()
    } catch { throw .trace(error) }
  }

  private static func open(_ source: any ByteSource) throws(ReplayError) -> TraceReader {
    do throws(TraceError) { return try TraceReader(source) } catch { throw .trace(error) }
  }

  private mutating func judge(from event: TraceEvent?) throws(ReplayError) {
    // A snapshot at the place says how a vif stands there.
    if case .snapshot = event?.body, !session.knowsVifs { return }
    if from != nil { try session.judgeFromHere(number) }
    isJudging = true
  }

  private mutating func read() throws(ReplayError) -> TraceEvent? {
    do throws(TraceError) { return try reader.next() } catch { throw .trace(error) }
  }
}
