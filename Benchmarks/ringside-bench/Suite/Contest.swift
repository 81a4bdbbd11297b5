import CBenchReference

/// One round of somebody who takes part: what it came to, in the measurement's unit.
typealias BenchRound = () throws -> Double

/// Somebody else's program that does the same.
enum Peer {
  case ready(String, BenchRound)
  case missing(String, String)

  /// A peer whose making may say why there is none.
  static func made(_ name: String, _ make: () throws -> BenchRound) -> Peer {
    do { return .ready(name, try make()) } catch { return .missing(name, "\(error)") }
  }
}

/// Who takes part in a measurement.
struct Entrants {
  var ours: BenchRound
  var reference: BenchRound?
  var peers: [Peer] = []
}

/// A measurement: those who take part in it do so in turn, round after round.
struct Contest {
  let name: String
  let unit: BenchUnit
  /// Makes what the rounds need; it is let go of with the closures it returns.
  let open: () throws -> Entrants

  init(_ name: String, _ unit: BenchUnit, open: @escaping () throws -> Entrants) {
    self.name = name
    self.unit = unit
    self.open = open
  }

  /// Measures it: a round to warm up, which does not count, and the others.
  func run(as name: String, rounds: Int) throws -> BenchResult {
    defer { bench_unpin() }
    var match = Match(try open())
    for round in 0...rounds { try match.play(counts: round > 0) }
    return match.result(name, unit)
  }
}

/// The rounds of a measurement so far.
private struct Match {
  private let entrants: Entrants
  private var (ours, reference) = (BenchSeries(), BenchSeries())
  private var peers: [String: BenchSeries] = [:]
  /// Those who gave up, or never were there.
  private var missing: [String: String] = [:]

  init(_ entrants: Entrants) {
    self.entrants = entrants
    for case .missing(let name, let why) in entrants.peers { missing[name] = why }
  }

  mutating func play(counts: Bool) throws {
    let mine = try Self.turn(entrants.ours)
    let other = try entrants.reference.map { round in try Self.turn(round) }
    if counts {
      ours.add(mine)
      if let other { reference.add(other) }
    }
    for case .ready(let name, let round) in entrants.peers where missing[name] == nil {
      do {
        let value = try Self.turn(round)
        if counts { peers[name, default: BenchSeries()].add(value) }
      } catch { missing[name] = "\(error)" }
    }
  }

  /// Nobody inherits the processor that somebody before was kept on.
  private static func turn(_ round: BenchRound) throws -> Double {
    bench_unpin()
    return try round()
  }

  func result(_ name: String, _ unit: BenchUnit) -> BenchResult {
    var result = BenchResult(name, unit, ours: ours)
    if entrants.reference != nil { result.compare(ours, withReference: reference) }
    for case .ready(let name, _) in entrants.peers where missing[name] == nil {
      result.compare(ours, with: name, peers[name] ?? BenchSeries())
    }
    for (name, why) in missing { result.miss(name, why) }
    return result
  }
}
