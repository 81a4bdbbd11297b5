internal import Replayer

extension Lateness {
  /// As people read it.
  var words: String {
    let part = [50, 99].map { "p\($0) \(percentile(Double($0)).asMicroseconds)" }
    return "\(part.joined(separator: ", ")), max \(max.asMicroseconds) us; \(count) events"
  }
}

/// How late events were, for programs.
struct LatenessSummary: Encodable {
  var events, p50, p99, max: UInt64

  enum CodingKeys: String, CodingKey {
    case events
    case p50 = "p50_ns"
    case p99 = "p99_ns"
    case max = "max_ns"
  }

  init(_ lateness: Lateness) {
    events = lateness.count
    p50 = lateness.percentile(50)
    p99 = lateness.percentile(99)
    max = lateness.max
  }
}

extension UInt64 {
  /// Nanoseconds in microseconds.
  fileprivate var asMicroseconds: String { "\(self / 1000).\(self % 1000 / 100)" }
}
