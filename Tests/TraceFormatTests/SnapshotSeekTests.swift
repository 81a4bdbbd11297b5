import Netif
import Testing
import TraceFormat
import XenInterface

/// From where on the state of each vif is known.
@Suite struct SnapshotSeekTests {
  private static let header = TraceHeader(
    source: .byHand, clock: .simulated, profile: .linux, snapLength: 0, tool: "test",
    vifs: (0..<2).map {
      VifSnapshot(domain: DomainID(rawValue: 5), handle: VifHandle(rawValue: $0))
    })

  /// A trace of 2,000 events in blocks of ten, with snapshots at some.
  private func reader(
    _ snapshots: [(number: Int, vif: UInt16)], vif: UInt16 = 1, dropping: Int = 0
  ) throws -> TraceReader {
    let samples = (0..<2_000).map { number -> Sample in
      let snapshot = snapshots.first { $0.number == number }
      let event = TraceEvent(
        time: MonotonicInstant(nanoseconds: UInt64(number)), vif: snapshot?.vif ?? vif,
        origin: .fetched,
        snapshot == nil ? .notification(ring: .tx, by: .frontend) : .snapshot(length: 4))
      return Sample(event: event, payload: snapshot == nil ? [] : [1, 2, 3, 4])
    }
    let file = try written(samples, header: Self.header, flushEvery: 10)
    return try TraceReader(MemorySource(Array(file.dropLast(dropping))))
  }

  @Test(
    arguments: [
      (number: 299, place: 0), (500, 0), (1_000, 300), (1_199, 300), (1_200, 700), (1_300, 700),
      (1_600, 1_200), (1_999, 1_200), (5_000, 1_200),
    ], [0, 10])
  func `the last snapshots are found that each vif has before an event`(
    _ goal: (number: Int, place: Int), _ dropping: Int
  ) throws {
    var reader = try reader(
      [(300, 0), (700, 1), (1_200, 0), (1_500, 1)], dropping: dropping)
    _ = try reader.next()
    try reader.seek(toSnapshotsBefore: UInt64(goal.number))
    #expect(reader.eventNumber == UInt64(goal.place))
    #expect(try reader.next()?.time.nanoseconds == UInt64(goal.place))
  }

  @Test func `a vif without any has everything begin with the header`() throws {
    var reader = try reader([(300, 0), (1_200, 0)])
    try reader.seek(toSnapshotsBefore: 1_900)
    #expect(reader.eventNumber == 0)
  }

  @Test func `a vif that the header does not have needs one too`() throws {
    var reader = try reader([(300, 2), (700, 0), (1_200, 1)], vif: 2)
    try reader.seek(toSnapshotsBefore: 1_900)
    #expect(reader.eventNumber == 300)
  }
}
