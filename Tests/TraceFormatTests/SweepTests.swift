import Foundation
import TestSupport
import Testing
import TraceFormat

/// Every truncation and every damaged octet of a sample. With RINGSIDE_SWEEP set; for builds that
/// are optimised.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["RINGSIDE_SWEEP"] != nil))
struct SweepTests {
  private static let samples = randomSamples(5_000, seed: 31)

  private static func sample() throws -> [UInt8] { try written(samples, flushEvery: 600) }

  @Test func `every truncation of a sample of 64 KiB is a true beginning`() throws {
    let file = try Self.sample()
    #expect(file.count > 64 << 10)
    for length in 0..<file.count {
      expectPrefix(of: Self.samples, in: Array(file[..<length]))
    }
  }

  @Test(arguments: [false, true])
  func `every octet of a sample of 64 KiB may be damaged`(_ isRepaired: Bool) throws {
    let file = try Self.sample()
    var random = SeededGenerator(seed: 6)
    for place in file.indices {
      var damaged = file
      damaged[place] ^= UInt8.random(in: 1 ... .max, using: &random)
      if isRepaired { TraceRepair.repair(&damaged) }
      #expect(outcome(of: damaged) == nil || isRepaired, "octet \(place) was believed")
    }
  }
}
