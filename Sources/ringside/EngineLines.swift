internal import Foundation

/// What the engine says of its progress: `#4096 NEW cov: 812 ft: 2301 corp: 97/4Kb ...`.
struct EngineLine: Sendable {
  var executions = 0
  var coverage = 0
  var inputs = 0

  init() {}

  init?(_ line: String) {
    guard line.hasPrefix("#") else { return nil }
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard let count = words.first.flatMap({ Int($0.dropFirst()) }) else { return nil }
    executions = count
    for (place, word) in words.enumerated().dropLast() {
      let value = Int(words[place + 1].prefix { $0.isNumber }) ?? 0
      if word == "cov:" { coverage = value }
      if word == "corp:" { inputs = value }
    }
  }
}

/// What ringside-fuzz says of where it has been: `ringside-fuzz: executions 9, deliver 50 %, rules 2 of 11`.
struct ReachLine: Sendable {
  private static let start = "ringside-fuzz: "

  var executions = 0
  var share = 0
  var rules = 0
  var allRules = 0

  init() {}

  init?(_ line: String) {
    guard line.hasPrefix(Self.start + "executions ") else { return nil }
    let numbers = line.split { !$0.isNumber }.compactMap { Int($0) }
    guard numbers.count == 4 else { return nil }
    (executions, share, rules, allRules) = (numbers[0], numbers[1], numbers[2], numbers[3])
  }

  /// The rest of another line of its.
  static func words(_ line: String) -> String? {
    line.hasPrefix(start) ? String(line.dropFirst(start.count)) : nil
  }
}

/// Where a Swift program ended by itself.
enum TrapLine {
  static func words(_ line: String) -> String? {
    guard let place = line.range(of: "Fatal error: ") else { return nil }
    return "signature: trap: \(line[place.upperBound...])"
  }
}
