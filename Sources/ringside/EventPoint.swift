internal import ArgumentParser
internal import Replayer
internal import TraceFormat
internal import XenRing

/// A place in a trace, as it is said on the command line.
struct EventPoint: ExpressibleByArgument {
  /// What it can be, for a help text.
  static let words =
    "an event's number, a time (1.5s), packet:N, or a slot by its index (tx:N, 0.1:rx:N)"

  let point: TracePoint

  init?(argument: String) {
    if let number = UInt64(argument) {
      point = .event(number)
    } else if let time = TimeSpan(argument: argument) {
      point = .time(nanoseconds: time.nanoseconds)
    } else {
      let words = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard let point = Self.packet(words) ?? Self.slot(words) else { return nil }
      self.point = point
    }
  }

  /// Looks for it in a trace.
  var watch: TracePointWatch { TracePointWatch(point) }

  private static func packet(_ words: [String]) -> TracePoint? {
    guard words.count == 2, words[0] == "packet", let number = UInt64(words[1]) else { return nil }
    return .packet(number)
  }

  /// A ring and an index, of the first queue or the one that stands before them.
  private static func slot(_ words: [String]) -> TracePoint? {
    guard 2...3 ~= words.count, let queue = QueueName(argument: words.count == 3 ? words[0] : "0"),
      let ring = TraceRing.allCases.first(where: { "\($0)" == words[words.count - 2] }),
      let index = UInt32(words[words.count - 1])
    else { return nil }
    return .slot(
      TraceSlot(
        vif: queue.choice.vif ?? 0, queue: queue.choice.queue, ring: ring,
        index: RingIndex(rawValue: index)))
  }
}

/// A queue, as it is said on the command line: its number, or vif and queue as in the text form (`0.1`).
struct QueueName: ExpressibleByArgument {
  let choice: QueueChoice

  init?(argument: String) {
    let words = argument.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = words.compactMap { UInt16($0) }
    guard numbers.count == words.count, 1...2 ~= numbers.count, let queue = numbers.last
    else { return nil }
    choice = QueueChoice(vif: numbers.count == 2 ? numbers[0] : nil, queue: queue)
  }
}

/// A time in seconds (`1.5s`).
struct TimeSpan: ExpressibleByArgument {
  let nanoseconds: UInt64

  init?(argument: String) {
    guard argument.hasSuffix("s"), let seconds = Double(argument.dropLast()),
      let nanoseconds = UInt64(exactly: (seconds * 1e9).rounded())
    else { return nil }
    self.nanoseconds = nanoseconds
  }
}
