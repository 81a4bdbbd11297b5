internal import Glibc
internal import KernelTap
internal import Recorder
internal import XenInterface

/// What the recorder of a vif did since it was asked last, and what that costs.
struct FlightMeter {
  private var packets: UInt64 = 0
  private var events: UInt64 = 0
  private var cost = TapCost()
  private var at: MonotonicInstant?

  mutating func statistics(
    _ vif: String, _ kernel: KernelRecorder, _ account: FlightAccount, memory: UInt64,
    now: MonotonicInstant
  ) -> FlightStatistics {
    let progress = kernel.recording.progress
    let cost = kernel.cost
    let seconds = Interval(from: at ?? MonotonicInstant(nanoseconds: 0), to: now)
    defer {
      (packets, events, self.cost, at) = (progress.packets, progress.events, cost, now)
    }
    return FlightStatistics(
      vif: vif, packetsPerSecond: seconds.rate(progress.packets - packets),
      eventsPerSecond: seconds.rate(progress.events - events), lost: progress.lost,
      kept: account.kept, memory: memory, reach: Double(account.reach) / 1e9,
      files: account.files, hooksPerSecond: seconds.rate(cost.calls - self.cost.calls),
      hookShare: seconds.share(cost.nanoseconds - self.cost.nanoseconds))
  }
}

/// The time between two looks.
private struct Interval {
  private let nanoseconds: Double

  init(from begin: MonotonicInstant, to end: MonotonicInstant) {
    nanoseconds = max(1, Double(end.nanoseconds) - Double(begin.nanoseconds))
  }

  func rate(_ count: UInt64) -> Double { (Double(count) * 1e9 / nanoseconds).rounded() }
  /// Of one processor.
  func share(_ used: UInt64) -> Double { (Double(used) / nanoseconds * 10_000).rounded() / 10_000 }
}

/// A line of `--stats` about a vif, for programs.
struct FlightStatistics: Encodable {
  let vif: String
  let packetsPerSecond, eventsPerSecond: Double
  let lost, kept, memory: UInt64
  /// Seconds back to which memory goes.
  let reach: Double
  let files: UInt64
  let hooksPerSecond: Double
  /// Of a processor, in the kernel.
  let hookShare: Double

  enum CodingKeys: String, CodingKey {
    case vif, lost, kept, memory, reach, files
    case packetsPerSecond = "packets_per_second"
    case eventsPerSecond = "events_per_second"
    case hooksPerSecond = "hooks_per_second"
    case hookShare = "hook_share"
  }

  /// The same for people.
  var line: String {
    "\(vif): \(Int(packetsPerSecond)) packets/s, \(Int(eventsPerSecond)) events/s, \(lost) lost; "
      + "\(kept >> 10) of \(memory >> 10) KiB hold the last \(Int(reach)) s; \(files) files; "
      + "\(Int(hooksPerSecond)) hooks/s take \(hookShare.asPercent) of a processor"
  }
}

/// What the process itself takes.
struct ProcessMeter {
  private var used: UInt64 = 0
  private var at = MonotonicInstant(nanoseconds: 0)

  mutating func statistics(now: MonotonicInstant) -> ProcessStatistics {
    let used = Self.usedNanoseconds
    defer { (self.used, at) = (used, now) }
    return ProcessStatistics(
      share: Interval(from: at, to: now).share(used - min(used, self.used)),
      resident: Self.residentOctets)
  }

  private static var usedNanoseconds: UInt64 {
    // In microseconds, whatever the machine; -1 where the system does not say.
    UInt64(max(clock(), 0)) * 1000
  }

  private static var residentOctets: UInt64 {
    let line = HostProbe.lines("/proc/self/status")?.first { $0.hasPrefix("VmRSS:") }
    let words = line?.split(whereSeparator: \.isWhitespace) ?? []
    return words.count > 1 ? (UInt64(words[1]) ?? 0) * 1024 : 0
  }
}

/// A line of `--stats` about the process, for programs.
struct ProcessStatistics: Encodable {
  /// Of a processor.
  let share: Double
  /// Octets of memory.
  let resident: UInt64

  /// The same for people.
  var line: String {
    "recorder: \(share.asPercent) of a processor, \(resident >> 10) KiB of memory"
  }
}

extension Double {
  /// In hundredths, with two digits behind.
  fileprivate var asPercent: String { "\((self * 10_000).rounded() / 100) %" }
}
