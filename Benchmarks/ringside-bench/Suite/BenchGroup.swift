/// What a run of the suite is given.
struct BenchScale {
  /// Under two minutes, all groups together.
  var isQuick: Bool
  /// A trace of real traffic.
  var trace: String
  /// The command.
  var ringside: String

  var rounds: Int { isQuick ? 3 : 9 }

  /// A tenth of it for a quick run.
  func share(of count: Int) -> Int { isQuick ? max(1, count / 10) : count }
}

/// Measurements of one kind. What their peers share lives as long as the list of them.
struct BenchGroup: Sendable {
  let name: String
  let contests: @Sendable (BenchScale) throws -> [Contest]

  init(_ name: String, contests: @escaping @Sendable (BenchScale) throws -> [Contest]) {
    self.name = name
    self.contests = contests
  }

  static let all = [
    limits, tx, rx, queues, trace, text, fuzz, minimize, start, growth, allocations,
  ]
}
