/// The rounds of one who took part, in the measurement's unit.
struct BenchSeries {
  private(set) var values: [Double] = []

  mutating func add(_ value: Double) { values.append(value) }

  var median: Double { Rounds.median(values) }
  var least: Double { values.min() ?? 0 }
  var most: Double { values.max() ?? 0 }
}

/// What a measurement came to. Every measurement of the suite returns one.
struct BenchResult: Encodable {
  /// Ours beside another, of rounds that alternate.
  struct Comparison: Encodable {
    /// Who it is.
    let name: String
    /// Its median.
    let median: Double
    /// How many times as good ours is: the median of the rounds' own ratios, with the least and the most.
    let ratio: Double
    let leastRatio: Double
    let mostRatio: Double
  }

  /// Group and name, with a slash between them.
  let name: String
  let unit: BenchUnit
  let rounds: Int
  /// The median of ours, its least and its most.
  let ours: Double
  let least: Double
  let most: Double
  /// Beside the reference in C.
  private(set) var reference: Comparison?
  private(set) var peers: [Comparison] = []
  /// Peers that could not be measured, and why.
  private(set) var missing: [String: String] = [:]

  init(_ name: String, _ unit: BenchUnit, ours: BenchSeries) {
    self.name = name
    self.unit = unit
    rounds = ours.values.count
    (self.ours, least, most) = (ours.median, ours.least, ours.most)
  }

  mutating func compare(_ ours: BenchSeries, withReference other: BenchSeries) {
    reference = comparison(ours, "C", other)
  }

  mutating func compare(_ ours: BenchSeries, with peer: String, _ other: BenchSeries) {
    peers.append(comparison(ours, peer, other))
  }

  mutating func miss(_ peer: String, _ why: String) { missing[peer] = why }

  private func comparison(
    _ ours: BenchSeries, _ name: String, _ other: BenchSeries
  ) -> Comparison {
    // Of each round alone: a machine that changes its speed changes all who take part.
    let ratios = zip(ours.values, other.values).map { unit.ratio($0, to: $1) }
    return Comparison(
      name: name, median: other.median, ratio: Rounds.median(ratios),
      leastRatio: ratios.min() ?? 0, mostRatio: ratios.max() ?? 0)
  }
}
