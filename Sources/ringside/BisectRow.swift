/// What is bisected: a row from a good one to a bad one, of whole numbers or of lines.
enum BisectRow {
  case numbers(good: Int, bad: Int)
  case lines([String])

  /// Numbers from one end to the other.
  ///
  /// - Returns: `nil` where these are no whole numbers, or the same.
  init?(good: String, bad: String) {
    guard let good = Int(good), let bad = Int(bad), good >= 0, bad >= 0, good != bad else {
      return nil
    }
    self = .numbers(good: good, bad: bad)
  }

  /// The lines of a file, or of standard input for `-`, from one end to the other.
  init(_ file: String, good: String, bad: String) throws(CommandFailure) {
    guard let lines = HostProbe.lines(file == "-" ? "/dev/stdin" : file) else {
      throw CommandFailure(.refused, "\(file): cannot be read")
    }
    guard let first = lines.firstIndex(of: good), let last = lines.firstIndex(of: bad) else {
      let missing = lines.contains(good) ? bad : good
      throw CommandFailure(.badInput, "\(file): has no line \(missing)")
    }
    self = .lines(
      first < last ? Array(lines[first...last]) : Array(lines[last...first].reversed()))
  }

  /// The place of the bad end; the good one's is 0.
  var last: Int {
    switch self {
    case .numbers(let good, let bad): abs(bad - good)
    case .lines(let lines): lines.count - 1
    }
  }

  /// One of them.
  subscript(place: Int) -> String {
    switch self {
    case .numbers(let good, let bad): "\(good < bad ? good + place : good - place)"
    case .lines(let lines): lines[place]
    }
  }
}
