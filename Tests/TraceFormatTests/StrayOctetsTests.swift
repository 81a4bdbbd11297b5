import Testing
import XenInterface
import XenRing

@testable import TraceFormat

@Suite struct StrayOctetsTests {
  private func stray(_ octets: [UInt8]) throws(TraceError) -> StrayOctets? {
    try StrayOctets.first(in: MemorySource(octets))
  }

  @Test(arguments: [1, 7, .max])
  func `a trace as it is written holds nothing beside what it shows`(_ flushEvery: Int) throws {
    let octets = try written(randomSamples(500, seed: 3), flushEvery: flushEvery)
    #expect(try stray(octets) == nil)
    let merged = MemorySink()
    _ = try TraceCompactor.compact(MemorySource(octets), into: merged)
    #expect(try stray(merged.octets) == nil)
  }

  @Test func `what a later version adds to the header is found`() throws {
    var octets = try written([])
    let length = Int(octets[12]) | Int(octets[13]) << 8
    octets.insert(contentsOf: [1, 2, 3], at: 32 + length)
    octets[12] &+= 3
    TraceRepair.repair(&octets)
    #expect(try TraceReader(MemorySource(octets)).header == fullHeader())
    #expect(try stray(octets) == StrayOctets(part: .header, offset: 32))
  }

  @Test func `a block of an unknown kind is found`() throws {
    var octets = try written(randomSamples(20, seed: 4))
    let place = try firstBlock(of: octets)
    var head = BlockHead(.events)
    head.kind = 9
    head.isSkippable = true
    head.columns = 4
    head.storedColumns = 4
    var block = OctetBuffer()
    head.append(to: &block)
    var list: [UInt8] = []
    list.append(octets: block.bytes)
    octets.insert(contentsOf: list + [1, 2, 3, 4], at: place)
    #expect(try stray(octets) == StrayOctets(part: .unknownKind, offset: UInt64(place)))
  }

  @Test(arguments: [40, 48, 56])
  func `a head that says what its events do not is found`(_ field: Int) throws {
    var octets = try written(randomSamples(20, seed: 5))
    let place = try firstBlock(of: octets)
    octets[place + field] ^= 1
    TraceRepair.repair(&octets)
    #expect(try stray(octets) == StrayOctets(part: .head, offset: UInt64(place)))
  }

  @Test func `an index that its blocks do not make is found`() throws {
    var octets = try written(randomSamples(20, seed: 6))
    let index = octets.count - 16 - 40 - BlockHead.size
    octets[octets.count - 17] ^= 1
    TraceRepair.repair(&octets)
    #expect(try stray(octets) == StrayOctets(part: .index, offset: UInt64(index)))
    octets[octets.count - 17] ^= 1
    TraceRepair.repair(&octets)
    #expect(try stray(octets) == nil)
    #expect(try stray(octets + [0]) == StrayOctets(part: .index, offset: UInt64(index)))
  }

  @Test func `what is left of a block that was cut is found`() throws {
    let octets = try written(randomSamples(200, seed: 7), flushEvery: 50)
    let place = try firstBlock(of: octets)
    let cut = Array(octets.prefix(place + 100))
    #expect(try stray(cut) == StrayOctets(part: .end, offset: UInt64(place)))
    #expect(
      try stray(Array(octets.prefix(place))) == StrayOctets(part: .end, offset: UInt64(place)))
  }

  private func firstBlock(of octets: [UInt8]) throws -> Int {
    32 + (0..<4).reduce(0) { $0 | Int(octets[12 + $1]) << (8 * $1) }
  }
}
