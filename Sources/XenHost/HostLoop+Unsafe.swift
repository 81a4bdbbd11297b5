internal import CLinux
internal import Glibc
public import XenInterface

/// What owns a descriptor and may hold what came by it, when the descriptor says nothing any more.
protocol HoldingSource: AnyObject {
  /// Whether there is something to take.
  var isHolding: Bool { get }
}

/// Calls workers when a descriptor is ready or their time has come.
///
/// A signal that the process handles ends a wait early, so a deadline's `done` is asked soon.
public final class HostLoop: WorldLoop {
  /// What is waited for on a descriptor.
  public enum Interest: Sendable { case reading, writing }

  private struct Entry {
    let worker: any Worker
    var wake: MonotonicInstant?

    func isDue(_ now: MonotonicInstant) -> Bool { wake.map { $0 <= now } ?? false }
  }

  private struct Source {
    weak var owner: AnyObject?
    weak var holder: (any HoldingSource)?
    let descriptor: Int32
    let interest: Interest

    var request: pollfd {
      pollfd(fd: descriptor, events: Int16(interest == .reading ? POLLIN : POLLOUT), revents: 0)
    }
  }

  private var entries: [Entry] = []
  private var sources: [Source] = []
  private var polled: [pollfd] = []

  /// Makes a loop that waits for nothing yet.
  public init() {}

  /// The system's monotonic clock.
  public var now: MonotonicInstant {
    var time = timespec()
    // SAFETY: the call fills the structure it is given.
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicInstant(
      nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
  }

  /// See `WorldLoop`.
  public func add(_ worker: any Worker) { entries.append(Entry(worker: worker, wake: now)) }

  /// See `WorldLoop`.
  public func remove(_ worker: any Worker) { entries.removeAll { $0.worker === worker } }

  /// Wakes the workers when `descriptor` is ready, as long as its owner lives.
  public func add(descriptor: Int32, for interest: Interest, owner: AnyObject) {
    let holder = owner as? any HoldingSource
    sources.append(
      Source(owner: owner, holder: holder, descriptor: descriptor, interest: interest))
  }

  /// Waits no longer for what `owner` added.
  public func remove(descriptorsOf owner: AnyObject) { sources.removeAll { $0.owner === owner } }

  /// See `WorldLoop`.
  public func run(until deadline: MonotonicInstant, unless done: () -> Bool) -> Bool {
    while !done() {
      let start = now
      guard start < deadline else { return false }
      let next = entries.compactMap(\.wake).min().map { min($0, deadline) } ?? deadline
      let isWoken = wait(next > start ? next.nanoseconds - start.nanoseconds : 0)
      let round = now
      for entry in entries where isWoken || entry.isDue(round) { step(entry.worker) }
    }
    return true
  }

  private func step(_ worker: any Worker) {
    guard entries.contains(where: { $0.worker === worker }) else { return }
    let wake = worker.step(now: now)
    // The worker may have added or removed others, or itself.
    guard let index = entries.firstIndex(where: { $0.worker === worker }) else { return }
    entries[index].wake = wake
  }

  /// Waits for a descriptor at most `nanoseconds`; says whether one is ready.
  private func wait(_ nanoseconds: UInt64) -> Bool {
    sources.removeAll { $0.owner == nil }
    polled.removeAll(keepingCapacity: true)
    for source in sources { polled.append(source.request) }
    let isHolding = sources.contains { $0.holder?.isHolding ?? false }
    let count = UInt64(polled.count)
    // SAFETY: the call reads and writes `count` structures of the array.
    return unsafe polled.withUnsafeMutableBufferPointer {
      unsafe linux_poll($0.baseAddress, count, isHolding ? 0 : nanoseconds) > 0
    } || isHolding
  }
}
