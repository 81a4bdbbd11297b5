public import XenInterface

/// Calls workers in an order that its seed decides, on a clock that moves as they work.
///
/// Whoever may have been woken is called; when nobody is, the clock jumps to the next who asked.
public final class SimulatedLoop: WorldLoop {
  private struct Entry {
    let worker: any Worker
    var wake: MonotonicInstant?
    var seen: UInt64
  }

  /// What one call costs on the clock, in nanoseconds; so workers that wake each other for ever
  /// still come to their deadline.
  public static let stepCost: UInt64 = 1_000
  /// Where the clock starts.
  public static var start: MonotonicInstant { MonotonicInstant(nanoseconds: 1_000_000_000) }

  /// See `WorldLoop`.
  public private(set) var now = SimulatedLoop.start
  private var entries: [Entry] = []
  private var order: SeededGenerator
  private let activity: Activity

  init(seed: UInt64, activity: Activity) {
    order = SeededGenerator(seed: seed)
    self.activity = activity
  }

  /// Starts again: no workers, the clock at its start.
  func reset(seed: UInt64) {
    now = Self.start
    entries = []
    order = SeededGenerator(seed: seed)
  }

  /// See `WorldLoop`.
  public func add(_ worker: any Worker) {
    entries.append(Entry(worker: worker, wake: now, seen: activity.value))
  }

  /// See `WorldLoop`.
  public func remove(_ worker: any Worker) { entries.removeAll { $0.worker === worker } }

  /// See `WorldLoop`.
  public func run(until deadline: MonotonicInstant, unless done: () -> Bool) -> Bool {
    while !done() {
      guard now < deadline else { return false }
      let due = entries.filter(isDue).map(\.worker)
      if due.isEmpty {
        now = min(deadline, entries.compactMap(\.wake).min() ?? deadline)
      } else {
        for worker in due.shuffled(using: &order) { step(worker) }
      }
    }
    return true
  }

  private func isDue(_ entry: Entry) -> Bool {
    entry.seen != activity.value || entry.wake.map { $0 <= now } ?? false
  }

  private func step(_ worker: any Worker) {
    guard let before = entries.firstIndex(where: { $0.worker === worker }) else { return }
    entries[before].seen = activity.value
    let wake = worker.step(now: now)
    now = now.advanced(by: Self.stepCost)
    // The worker may have added or removed others, or itself.
    guard let after = entries.firstIndex(where: { $0.worker === worker }) else { return }
    entries[after].wake = wake
  }
}
