import Testing
import XenInterface

@testable import KernelTap

struct TapSequenceTests {
  var sequence = TapSequence()

  func record(_ number: UInt64) -> TapRecord {
    TapRecord(
      sequence: number, time: MonotonicInstant(nanoseconds: number), queue: 0, processor: 0,
      body: .disabled, octets: [])
  }

  /// Numbers handed over; a gap is its count, negative.
  mutating func feed(_ numbers: [UInt64], lost: UInt64 = 0, turns: Int = 1) -> [Int] {
    var seen: [Int] = []
    func keep(_ record: TapRecord) {
      if case .gap(let lost) = record.body {
        seen.append(-Int(lost))
      } else {
        seen.append(Int(record.sequence))
      }
    }
    for number in numbers { sequence.take(record(number), keep) }
    for _ in 0..<turns { sequence.endTurn(lost: lost, keep) }
    return seen
  }

  @Test mutating func `records in order go through`() {
    #expect(feed([0, 1, 2]) == [0, 1, 2])
  }

  @Test mutating func `a record that overtook another waits for it`() {
    #expect(feed([0, 2]) == [0])
    #expect(feed([1, 3]) == [1, 2, 3])
  }

  @Test mutating func `a hole that the tap counts as lost is a gap in its place`() {
    #expect(feed([0, 3, 4], lost: 2, turns: 2) == [0, -2, 3, 4])
    #expect(sequence.lost == 2)
    #expect(feed([5], lost: 2) == [5])
  }

  @Test mutating func `two holes are two gaps`() {
    #expect(feed([1, 3], lost: 2, turns: 2) == [-1, 1, -1, 3])
  }

  @Test mutating func `a hole that nobody explains becomes a gap in the end`() {
    #expect(feed([1], turns: TapSequence.limit) == [])
    #expect(feed([], turns: 1) == [-1, 1])
  }

  @Test mutating func `what is missing at the end is a gap`() {
    _ = feed([0])
    var seen: [UInt64] = []
    sequence.finish(lost: 3, numbered: 4) { record in
      if case .gap(let lost) = record.body { seen.append(lost) }
    }
    #expect(seen == [3])
  }
}
