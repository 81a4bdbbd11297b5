/// What a measurement's figures are in.
enum BenchUnit: String, Encodable {
  case millions = "M/s"
  case thousands = "k/s"
  case nanoseconds = "ns"
  case milliseconds = "ms"
  case mebibytes = "MiB"
  /// Pieces of memory that are asked for, for each packet or event.
  case allocations = "allocations"

  private var moreIsBetter: Bool { self == .millions || self == .thousands }

  /// How many times as good as `other` a figure is.
  func ratio(_ ours: Double, to other: Double) -> Double {
    let (good, bad) = moreIsBetter ? (ours, other) : (other, ours)
    return bad > 0 ? good / bad : 0
  }
}
