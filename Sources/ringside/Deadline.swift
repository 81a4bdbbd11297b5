/// A moment at which something is to end; perhaps none.
struct Deadline {
  private let end: ContinuousClock.Instant?

  init(seconds: Int?) { end = seconds.map { ContinuousClock.now + .seconds($0) } }

  /// Whether it has come.
  var isOver: Bool { end.map { ContinuousClock.now >= $0 } ?? false }
}
