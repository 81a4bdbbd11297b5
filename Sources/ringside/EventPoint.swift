internal import ArgumentParser
internal import TraceFormat

/// A place in a trace: the number of an event, or a time since its first one (`1.5s`).
enum EventPoint: ExpressibleByArgument {
  case number(UInt64)
  case time(nanoseconds: UInt64)

  init?(argument: String) {
    if let number = UInt64(argument) {
      self = .number(number)
    } else if let time = TimeSpan(argument: argument) {
      self = .time(nanoseconds: time.nanoseconds)
    } else {
      return nil
    }
  }

  /// Whether an event with this number, so long after the first one, stands before the place.
  func isAfter(number: UInt64, nanoseconds: UInt64) -> Bool {
    switch self {
    case .number(let place): number < place
    case .time(let place): nanoseconds < place
    }
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
