import FoundationEssentials
import XenInterface

extension FlightOccasion {
  /// The name of its file, without an ending, `vif5.0-fatal-20261127T030830Z`. Where there is one already, a number
  /// makes it another.
  package func fileName(_ number: Int = 1) -> String {
    let more = number == 1 ? "" : "-\(number)"
    return "\(VifPlace(domain: domain, handle: handle))-\(cause.name)-\(moment)\(more)"
  }

  /// In UTC; on the simulation, which has no such time, milliseconds since its start.
  private var moment: String {
    guard wallTime > 0 else {
      let digits = "\(time.nanoseconds / 1_000_000)"
      return String(repeating: "0", count: max(0, 12 - digits.count)) + digits + "ms"
    }
    let date = Date(timeIntervalSince1970: Double(wallTime / 1_000_000_000))
    // Fields that are named are the only ones; with none named, all are.
    return date.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
  }
}
