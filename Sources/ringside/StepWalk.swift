internal import Replayer
internal import TraceFormat

/// Walks through a replay event by event, as somebody says, and shows where both sides of the rings
/// stand.
struct StepWalk: ~Copyable {
  /// Events before the one at hand with which it is written: of extra infos, what they belong to.
  private static let mostRecent = 64

  private var playback: Playback
  private var book: RingBook
  private var recent: [TraceEvent] = []
  private let tell: (String) -> Void

  /// Walks through what is given; `tell` says a line.
  init(_ playback: consuming Playback, tell: @escaping (String) -> Void) {
    book = RingBook(playback.header)
    self.playback = playback
    self.tell = tell
  }

  /// Asks what to do until somebody has enough or the trace ends, and gives the verdict.
  mutating func run() throws(ReplayError) -> ReplayReport {
    var command = StepCommand.next(1)
    var goesOn = true
    while goesOn, let line = Console.ask("(next, continue, quit) ") {
      guard let said = StepCommand(line, after: command) else {
        tell(StepCommand.words)
        continue
      }
      command = said
      switch command {
      case .next(let count): goesOn = try step(count, showsAll: true)
      case .go: goesOn = try step(.max, showsAll: false)
      case .quit: goesOn = false
      }
    }
    return try playback.finish()
  }

  /// Takes so many events, and none behind a divergence.
  ///
  /// - Returns: whether there may be more.
  private mutating func step(_ count: UInt64, showsAll: Bool) throws(ReplayError) -> Bool {
    var left = count
    while left > 0 {
      left -= 1
      guard let event = try next() else {
        tell("the end")
        return false
      }
      let before = playback.report
      try take(event)
      let after = playback.report
      let isLast = left == 0 || after.diverged > before.diverged
      if showsAll || isLast { show(event) }
      if isLast { showRing(of: event) }
      if showsAll || isLast { after.turnLines(since: before).forEach(tell) }
      guard !isLast else { break }
    }
    return true
  }

  /// The next event that is judged.
  private mutating func next() throws(ReplayError) -> TraceEvent? {
    while let event = try playback.next() {
      if playback.isJudging { return event }
      try take(event)
    }
    return nil
  }

  private mutating func take(_ event: TraceEvent) throws(ReplayError) {
    book.take(event, payload: playback.payload)
    try playback.take(event)
    if recent.count == Self.mostRecent { recent.removeFirst() }
    recent.append(event)
  }

  private func show(_ event: TraceEvent) {
    tell("\(playback.number)  \(EventLines.of(recent).last ?? "")")
  }

  private func showRing(of event: TraceEvent) {
    if let ring = book.ring(of: event) { ring.lines.forEach(tell) }
  }
}
