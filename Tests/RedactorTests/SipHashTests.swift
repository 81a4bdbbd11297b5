import Testing

@testable import Redactor

@Suite struct SipHashTests {
  /// Of `vectors.h` beside the authors' reference, and of their paper (15 octets): octets 0, 1, 2 and so on
  /// under the key of octets 0 to 15.
  private static let vectors: [(count: Int, value: UInt64)] = [
    (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (2, 0x0d6c_8009_d9a9_4f5a),
    (7, 0xab02_00f5_8b01_d137), (8, 0x93f5_f579_9a93_2462), (15, 0xa129_ca61_49be_45e5),
    (63, 0x958a_324c_eb06_4572),
  ]

  @Test(arguments: vectors)
  func `SipHash gives the published values`(_ count: Int, _ value: UInt64) {
    let key = SipHash.Key(low: 0x0706_0504_0302_0100, high: 0x0f0e_0d0c_0b0a_0908)
    #expect(SipHash.value(of: (0..<count).map { UInt8($0) }, key) == value)
  }

  @Test func `two texts make two keys, one text always the same`() {
    #expect(ScrambleKey("a") == ScrambleKey("a"))
    #expect(ScrambleKey("a") != ScrambleKey("b"))
    #expect(ScrambleKey("") != ScrambleKey("\0"))
  }
}
