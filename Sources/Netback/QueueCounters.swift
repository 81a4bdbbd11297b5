internal import Synchronization

/// What one queue has counted. Its worker alone counts; anybody may look. So a count is a load and a
/// store, not an operation that others wait for.
final class QueueCounters: Sendable {
  /// One count.
  struct Count: ~Copyable, Sendable {
    private let value = Atomic<UInt64>(0)

    var now: UInt64 { value.load(ordering: .relaxed) }

    /// Called by the queue's worker only.
    @inline(__always)
    func grow(by amount: UInt64 = 1) { value.store(now &+ amount, ordering: .relaxed) }
  }

  let txPackets = Count()
  let txOctets = Count()
  let txRejected = Count()
  let txGrantFailures = Count()
  let txUnmapBatches = Count()
  let txUnmappedPages = Count()
  let txHeaderDrops = Count()
  let rxPackets = Count()
  let rxOctets = Count()
  let rxRefused = Count()
  let rxExpired = Count()
}

extension VifStatistics {
  /// Adds what a queue has counted.
  mutating func add(_ queue: QueueCounters) {
    txPackets &+= queue.txPackets.now
    txOctets &+= queue.txOctets.now
    txRejected &+= queue.txRejected.now
    txGrantFailures &+= queue.txGrantFailures.now
    txUnmapBatches &+= queue.txUnmapBatches.now
    txUnmappedPages &+= queue.txUnmappedPages.now
    txHeaderDrops &+= queue.txHeaderDrops.now
    rxPackets &+= queue.rxPackets.now
    rxOctets &+= queue.rxOctets.now
    rxRefused &+= queue.rxRefused.now
    rxExpired &+= queue.rxExpired.now
  }
}
