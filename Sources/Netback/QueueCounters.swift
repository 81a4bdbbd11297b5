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

  /// What a staging table has counted.
  struct StagedCount: ~Copyable, Sendable {
    private let slots = Count()
    private let octets = Count()

    var now: StagedTally { StagedTally(slots: slots.now, octets: octets.now) }

    /// Called by the queue's worker only.
    func grow(by tally: StagedTally) {
      slots.grow(by: tally.slots)
      octets.grow(by: tally.octets)
    }
  }

  let txPackets = Count()
  let txOctets = Count()
  let txRejected = Count()
  let txGrantFailures = Count()
  let txUnmapBatches = Count()
  let txUnmappedPages = Count()
  let txTouched = Count()
  let txHeaderDrops = Count()
  let txAbandoned = Count()
  let txStaged = StagedCount()
  let rxPackets = Count()
  let rxOctets = Count()
  let rxStaged = StagedCount()
  let rxAtOnce = Count()
  let rxForwarded = Count()
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
    txTouched &+= queue.txTouched.now
    txHeaderDrops &+= queue.txHeaderDrops.now
    txAbandoned &+= queue.txAbandoned.now
    txStaged += queue.txStaged.now
    rxPackets &+= queue.rxPackets.now
    rxOctets &+= queue.rxOctets.now
    rxStaged += queue.rxStaged.now
    rxAtOnce &+= queue.rxAtOnce.now
    rxForwarded &+= queue.rxForwarded.now
    rxRefused &+= queue.rxRefused.now
    rxExpired &+= queue.rxExpired.now
  }
}
