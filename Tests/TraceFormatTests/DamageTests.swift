import Netif
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct DamageTests {
  /// A trace of a few blocks with everything in it.
  private static let samples = randomSamples(150, seed: 11)

  private static func sample() throws -> [UInt8] { try written(samples, flushEvery: 50) }

  @Test func `a recorder killed at any moment leaves a trace good up to its last block`() throws {
    let file = try Self.sample()
    for length in stride(from: 0, to: file.count, by: 7) {
      expectPrefix(of: Self.samples, in: Array(file[..<length]))
    }
  }

  @Test func `a trace cut at any place, its checksums made right, is a true beginning`() throws {
    let file = try Self.sample()
    var random = SeededGenerator(seed: 4)
    for _ in 0..<2_000 {
      var cut = Array(file[..<Int.random(in: 0..<file.count, using: &random)])
      TraceRepair.repair(&cut)
      expectPrefix(of: Self.samples, in: cut)
    }
  }

  @Test func `a file system's zeros at the end count as cut`() throws {
    let sink = MemorySink()
    var writer = try TraceWriter(fullHeader(), to: sink)
    for sample in Self.samples {
      try writer.append(sample.event, payload: sample.payload.span.octets)
    }
    try writer.flush()
    let result = try read(sink.octets + [UInt8](repeating: 0, count: 9_000))
    #expect(result.isTruncated)
    #expect(result.samples == Self.samples)
    _ = try writer.finish()
  }

  @Test(arguments: [false, true])
  func `flipped octets give an error or events, never a trap`(_ isRepaired: Bool) throws {
    let file = try Self.sample()
    var random = SeededGenerator(seed: 5)
    for _ in 0..<2_000 {
      var damaged = file
      let place = Int.random(in: 0..<file.count, using: &random)
      damaged[place] ^= UInt8.random(in: 1 ... .max, using: &random)
      if isRepaired { TraceRepair.repair(&damaged) }
      let outcome = outcome(of: damaged)
      #expect(isRepaired || outcome == nil, "octet \(place) was believed")
    }
  }

  @Test func `repairing a whole trace changes nothing`() throws {
    let file = try Self.sample()
    var repaired = file
    TraceRepair.repair(&repaired)
    #expect(repaired == file)
  }

  @Test(
    arguments: [
      ([], .notATrace),
      (Array("ringside-trace 1.0\n".utf8), .notATrace),
      ([0xd4, 0xc3, 0xb2, 0xa1] + [UInt8](repeating: 0, count: 60), .notATrace),
      ([0x89, 0x52, 0x53], .truncated(offset: 3)),
      ([0x89, 0x52, 0x53, 0x54, 0x0a, 0x1a, 0x0a], .corrupt(offset: 4, .textConversion)),
    ] as [([UInt8], TraceError)])
  func `what is no trace is told from what is damaged`(
    _ octets: [UInt8], _ error: TraceError
  ) {
    #expect(throws: error) { try read(octets) }
  }

  @Test(arguments: [2, 999] as [UInt16], [false, true])
  func `a trace of another major version is refused by name, wherever its checksum stands`(
    _ major: UInt16, isRepaired: Bool
  ) throws {
    var file = try written([])
    file[8] = UInt8(truncatingIfNeeded: major)
    file[9] = UInt8(major >> 8)
    if isRepaired { TraceRepair.repair(&file) }
    #expect(throws: TraceError.unsupportedVersion(major: major, minor: 0)) { try read(file) }
  }

  @Test func `numbers in a foreign byte order are told from another version`() throws {
    var file = try written([])
    for field in [8..<10, 10..<12, 12..<16, 16..<20, 28..<32] { file[field].reverse() }
    #expect(throws: TraceError.foreignByteOrder) { try read(file) }
  }

  @Test(arguments: [2, 4, 8])
  func `a file whose octets were swapped is told from one that is no trace`(_ word: Int) throws {
    let file = try written([])
    let whole = file.prefix(file.count / word * word)
    let swapped = whole.indices.map { file[$0 ^ (word - 1)] }
    #expect(throws: TraceError.foreignByteOrder) { try read(swapped) }
  }

  @Test(arguments: 20..<32)
  func `reserved octets of the preamble are zero`(_ place: Int) throws {
    guard place < 28 else { return }
    var file = try written([])
    file[place] = 1
    TraceRepair.repair(&file)
    #expect(throws: TraceError.corrupt(offset: 20, .reserved)) { try read(file) }
  }

  /// Where a block's head has the lengths of columns and payload, before and after compression.
  @Test(arguments: [8, 12, 16, 20])
  func `a small file that claims huge blocks takes no memory`(_ field: Int) throws {
    let header = try written([]).count - 88 - 16
    var file = try written(Self.samples)
    file[header + field + 3] = 0x7f
    #expect(outcome(of: repairedHead(file, at: header)) == nil)
  }

  @Test func `a header longer than the limit is refused`() throws {
    var file = try written([])
    file[15] = 0x7f
    let sum = crc(Array(file[..<28]))
    for octet in 0..<4 { file[28 + octet] = UInt8(truncatingIfNeeded: sum >> (8 * octet)) }
    #expect(throws: TraceError.overLimit(offset: 12)) { try read(file) }
  }

  @Test func `octets behind the end are refused`() throws {
    let file = try written([])
    #expect(throws: TraceError.corrupt(offset: UInt64(file.count), .trailing)) {
      try read(file + [0])
    }
  }

  @Test func `a block that is missing is noticed`() throws {
    let file = try Self.sample()
    let header = try written([]).count - 88 - 16
    let first = header + 88 + Int(file[header + 12]) + Int(file[header + 13]) << 8
    let end = first + Int(file[header + 20]) + Int(file[header + 21]) << 8
    #expect(throws: TraceError.corrupt(offset: UInt64(header), .sequence)) {
      try read(Array(file[..<header] + file[end...]))
    }
  }

  private func repairedHead(_ file: [UInt8], at head: Int) -> [UInt8] {
    var file = file
    let sum = crc(Array(file[head..<head + 84]))
    for octet in 0..<4 { file[head + 84 + octet] = UInt8(truncatingIfNeeded: sum >> (8 * octet)) }
    return file
  }
}

/// What reading octets to their end gives; nil for an error.
func outcome(of octets: [UInt8]) -> Int? {
  do throws(TraceError) { return try read(octets).samples.count } catch { return nil }
}

/// Expects a typed error in the header, or a true beginning of `samples` that is known to be cut.
func expectPrefix(of samples: [Sample], in octets: [UInt8]) {
  do throws(TraceError) {
    let result = try read(octets)
    #expect(result.isTruncated)
    #expect(result.samples[...] == samples.prefix(result.samples.count))
  } catch {
    #expect(error == .truncated(offset: UInt64(octets.count)) || error == .notATrace)
  }
}

/// CRC-32, bit by bit.
private func crc(_ octets: [UInt8]) -> UInt32 {
  ~octets.reduce(UInt32.max) { sum, octet in
    (0..<8).reduce(sum ^ UInt32(octet)) { sum, _ in sum >> 1 ^ (sum & 1 == 0 ? 0 : 0xedb8_8320) }
  }
}
