/// A search for the first bad one in a row that begins with a good one and ends with a bad one.
struct Bisection {
  /// What a try says of a place.
  enum Verdict: String, Encodable {
    case good
    case bad
    case skipped
  }

  /// The last place known to be good.
  private(set) var good = 0
  /// The first place known to be bad.
  private(set) var bad: Int
  private var skipped: Set<Int> = []

  /// - Parameter last: the bad end's place; the good end's is 0.
  init(last: Int) { bad = last }

  /// The place to try: the nearest to the middle that was not skipped; `nil` when there is none.
  var next: Int? {
    let middle = good + (bad - good) / 2
    for distance in 0..<bad - good {
      for place in [middle - distance, middle + distance]
      where good < place && place < bad && !skipped.contains(place) {
        return place
      }
    }
    return nil
  }

  /// Places of which nothing is known.
  var left: Int { bad - good - 1 - skipped.count { good < $0 && $0 < bad } }

  /// Takes what was said of a place between the ends.
  mutating func take(_ verdict: Verdict, at place: Int) {
    switch verdict {
    case .good: good = place
    case .bad: bad = place
    case .skipped: skipped.insert(place)
    }
  }
}
