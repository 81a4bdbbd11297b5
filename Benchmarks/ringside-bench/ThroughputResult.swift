import Netback

/// What is sent in a round, and how.
struct ThroughputLoad {
  var path: DataPath
  var size: UInt16
  /// Slots of a packet.
  var slots: UInt32 = 1
  var packets: UInt64
  var burst: UInt32
}

/// The rounds of one data path and size.
struct ThroughputResult {
  private let load: ThroughputLoad
  private var ours: [Double] = []
  private var reference: [Double] = []
  /// Ours to the reference's, of each round alone: a machine that changes its speed changes both.
  private var ratios: [Double] = []

  init(_ load: ThroughputLoad) { self.load = load }

  /// Takes the seconds of a round.
  mutating func add(ours: Double, reference: Double) {
    self.ours.append(Double(load.packets) / ours / 1e6)
    self.reference.append(Double(load.packets) / reference / 1e6)
    ratios.append(reference / ours)
  }

  private var ratio: Double { Rounds.median(ratios) }
  private var spread: Double { ((ratios.max() ?? 0) - (ratios.min() ?? 0)) / max(ratio, 1e-12) }

  static let head = [
    pad("path", 12), pad("octets", 8), pad("Mpps", 8), pad("C Mpps", 8), pad("ratio", 8), "spread",
  ].joined(separator: " ")

  var line: String {
    let columns = [
      pad(load.path.rawValue, 12), pad("\(load.size)", 8), pad(fixed(Rounds.median(ours)), 8),
      pad(fixed(Rounds.median(reference)), 8), pad(fixed(ratio), 8), fixed(spread * 100) + " %",
    ]
    return columns.joined(separator: " ")
  }

  var jsonLine: String {
    "{\"path\":\"\(load.path.rawValue)\",\"octets\":\(load.size),\"rounds\":\(ratios.count),"
      + "\"mpps\":\(Rounds.median(ours)),\"c_mpps\":\(Rounds.median(reference)),"
      + "\"ratio\":\(ratio),\"spread\":\(spread)}"
  }
}
