internal import Replayer

/// The line that tells once a second how far a replay is.
struct ReplayProgress {
  private let title: String
  private let clock = ContinuousClock()
  private var shown = ContinuousClock.now

  /// - Parameter title: what is replayed.
  init(_ title: String) { self.title = title }

  /// Tells it when it is time to.
  ///
  /// - Returns: whether nobody wants the replay to end.
  mutating func tell(_ report: () -> ReplayReport) -> Bool {
    if clock.now - shown >= .seconds(1) {
      shown = clock.now
      Console.progress("\(title): \(report().counts)")
    }
    return !Interruption.isRequested
  }
}
