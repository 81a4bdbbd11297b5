internal import ArgumentParser

/// A bound in dumpcap's words: `duration:60`.
struct CaptureBound: ExpressibleByArgument {
  /// What is bounded.
  enum Measure: String {
    case duration, filesize, packets, files
  }

  var measure: Measure
  var value: Double

  init?(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let measure = Measure(rawValue: String(parts[0])),
      let value = Double(parts[1]), value > 0, value < 1e12
    else { return nil }
    self.measure = measure
    self.value = value
  }
}
