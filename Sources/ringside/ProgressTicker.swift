internal import Replayer

/// Shows once a second how far a replay is.
final class ProgressTicker {
  private let name: String
  private let clock = ContinuousClock()
  private var shown: ContinuousClock.Instant

  init(_ name: String) {
    self.name = name
    shown = clock.now
  }

  /// Shows the counts, when it is time.
  ///
  /// - Returns: whether the replay is to go on.
  func goesOn(_ report: ReplayReport) -> Bool {
    if clock.now - shown >= .seconds(1) {
      shown = clock.now
      Console.progress("\(name): \(report.counts)")
    }
    return !Interruption.isRequested
  }
}
