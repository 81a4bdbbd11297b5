/// What somebody who walks through a replay says.
enum StepCommand: Hashable {
  /// So many events further.
  case next(UInt64)
  /// Further to where the replay diverges.
  case go
  case quit

  /// What can be said.
  static let words =
    "next [N] or N: so many events; continue: to the next divergence; quit: the verdict so far; "
    + "an empty line: the last once more"

  /// Parses a line; an empty one says `last` again, and `nil` is what nobody knows.
  init?(_ line: String, after last: StepCommand) {
    var words = line.split(separator: " ")
    if words.count == 2, ["next", "n"].contains(words[0]) { words.removeFirst() }
    guard words.count <= 1 else { return nil }
    switch words.first {
    case nil: self = last
    case "next", "n": self = .next(1)
    case "continue", "c": self = .go
    case "quit", "q": self = .quit
    case let word?:
      guard let count = UInt64(word), count > 0 else { return nil }
      self = .next(count)
    }
  }
}
