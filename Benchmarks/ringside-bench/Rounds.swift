/// Times two pieces of work in turn, so that a machine that changes its speed changes both.
struct Rounds {
  /// Seconds of each round.
  private(set) var ours: [Double] = []
  /// Seconds of each round of the reference.
  private(set) var reference: [Double] = []

  init(
    _ count: Int, of time: ProcessorTime = .thread, ours: () throws -> Void, reference: () -> Void
  ) rethrows {
    for _ in 0..<count {
      self.ours.append(try time.measure(ours))
      self.reference.append(time.measure(reference))
    }
  }

  static func median(_ values: [Double]) -> Double { percentile(values, 50) }

  /// The value below which `percent` of 100 lie.
  static func percentile(_ values: [Double], _ percent: Int) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[min(sorted.count * percent / 100, sorted.count - 1)]
  }
}

/// One line of the result table.
struct Measurement {
  var name: String
  var events: Int
  var rounds: Rounds

  var line: String {
    let ours = Rounds.median(rounds.ours)
    let reference = Rounds.median(rounds.reference)
    let spread = ((rounds.ours.max() ?? 0) - (rounds.ours.min() ?? 0)) / max(ours, 1e-12)
    let columns = [
      pad(name, 24), pad(fixed(ours * 1e9 / Double(events)), 10),
      pad(fixed(Double(events) / ours / 1e6), 10),
      pad(fixed(reference * 1e9 / Double(events)), 10), pad(fixed(ours / reference), 8),
      fixed(spread * 100) + " %",
    ]
    return columns.joined(separator: " ")
  }

  static let head = [
    pad("what", 24), pad("ns/event", 10), pad("M events/s", 10), pad("C ns", 10),
    pad("ratio", 8), "spread",
  ].joined(separator: " ")
}

/// Fills up to a column's width.
func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// Two decimals; a dash for what is no number.
func fixed(_ value: Double) -> String {
  guard abs(value) < 1e15 else { return "-" }
  let hundredths = Int((abs(value) * 100).rounded())
  let cents = hundredths % 100
  let sign = value < 0 && hundredths > 0 ? "-" : ""
  return "\(sign)\(hundredths / 100).\(cents < 10 ? "0" : "")\(cents)"
}
