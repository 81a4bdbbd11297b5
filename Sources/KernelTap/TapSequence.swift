import XenInterface

/// Puts records in order, and finds what is missing.
///
/// Every record is numbered before it is stored, on any processor: records may arrive a little out
/// of order, and one that found no room leaves a hole. Which of the two a hole is, the tap's count
/// of lost records tells.
struct TapSequence {
  /// The number of the next record to hand over.
  private(set) var next: UInt64 = 0
  /// Records that are known to be lost so far.
  private(set) var lost: UInt64 = 0
  private var early: [UInt64: TapRecord] = [:]
  private var newest: UInt64?
  private var patience = 0

  /// Turns without progress after which a hole is a loss even if the counts do not agree.
  static let limit = 512

  /// Takes a record; hands over what is in order now.
  mutating func take(_ record: TapRecord, _ receive: (TapRecord) -> Void) {
    newest = max(newest ?? 0, record.sequence)
    // One that was given up and comes all the same: late, but not lost.
    guard record.sequence >= next else { return receive(record) }
    guard record.sequence == next else {
      early[record.sequence] = record
      return
    }
    next += 1
    receive(record)
    while let follower = early.removeValue(forKey: next) {
      next += 1
      receive(follower)
    }
  }

  /// Ends a turn: all that was in the ring buffer is taken, and `lost` records have been lost since
  /// the tap was attached.
  mutating func endTurn(lost total: UInt64, _ receive: (TapRecord) -> Void) {
    guard !early.isEmpty, let newest else {
      patience = 0
      return
    }
    let missing = newest + 1 - next - UInt64(early.count)
    let unexplained = total > lost ? total - lost : 0
    patience += 1
    // Twice, because a record may be on its way while one behind it is lost.
    guard unexplained >= missing && patience > 1 || patience > Self.limit else { return }
    closeHoles(receive)
  }

  /// Ends the recording: nothing more will come. `total` records were lost, `numbered` were made.
  mutating func finish(lost total: UInt64, numbered: UInt64, _ receive: (TapRecord) -> Void) {
    let time = early.values.map(\.time).max()
    closeHoles(receive)
    guard numbered > next else { return }
    receive(gap(numbered - next, before: nil, time: time ?? MonotonicInstant(nanoseconds: 0)))
    lost += numbered - next
    next = numbered
  }

  private mutating func closeHoles(_ receive: (TapRecord) -> Void) {
    patience = 0
    while let first = early.keys.min(), let follower = early[first] {
      receive(gap(first - next, before: follower, time: follower.time))
      lost += first - next
      next = first
      while let record = early.removeValue(forKey: next) {
        next += 1
        receive(record)
      }
    }
  }

  private func gap(_ count: UInt64, before record: TapRecord?, time: MonotonicInstant) -> TapRecord
  {
    TapRecord(
      sequence: next, time: time, queue: nil, processor: record?.processor ?? 0,
      body: .gap(lost: count), octets: [])
  }
}
