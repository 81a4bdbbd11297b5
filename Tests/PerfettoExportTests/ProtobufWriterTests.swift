import Testing

@testable import PerfettoExport

@Suite struct ProtobufWriterTests {
  static let integers: [(UInt64, [UInt8])] = [
    (0, [0x08, 0x00]), (1, [0x08, 0x01]), (127, [0x08, 0x7f]), (128, [0x08, 0x80, 0x01]),
    (300, [0x08, 0xac, 0x02]),
    (.max, [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
  ]

  @Test(arguments: integers)
  func `an integer has seven bits in an octet`(_ value: UInt64, _ octets: [UInt8]) {
    var writer = ProtobufWriter()
    writer.put(1, value)
    #expect(writer.octets == octets)
  }

  @Test func `a number below 0 has ten octets, one of fixed size eight`() throws {
    var writer = ProtobufWriter()
    writer.put(4, signed: -2)
    #expect(writer.octets.count == 11)
    writer.put(47, fixed: 0x0102_0304_0506_0708)
    #expect(Array(writer.octets[11...]) == [0xf9, 0x02, 8, 7, 6, 5, 4, 3, 2, 1])
    let message = try ProtobufMessage(writer.octets[...])
    #expect(try message.integer(4) == UInt64(bitPattern: -2))
    #expect(try message.integer(47) == 0x0102_0304_0506_0708)
  }

  @Test(arguments: [0, 1, 124, 125, 126, 127, 128, 16_380, 16_384, 70_000])
  func `a message within messages has the length of what is in it`(_ count: Int) throws {
    let text = String(repeating: "x", count: count)
    var writer = ProtobufWriter()
    writer.put(1) { outer in
      outer.put(2) { $0.put(3, text) }
      outer.put(5, 6)
    }
    writer.put(7, 8)
    let message = try ProtobufMessage(writer.octets[...])
    let outer = try #require(try message.message(1))
    #expect(try outer.message(2)?.text(3) == text)
    #expect(try outer.integer(5) == 6)
    #expect(try message.integer(7) == 8)
  }
}
