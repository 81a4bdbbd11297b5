import Testing

@testable import TraceFormat

/// Where the writer finds contents that a block has already.
@Suite struct NewestContentsTests {
  private static let hash: UInt32 = 0x1234_5678

  @Test func `a content is found by its hash until a newer one has it`() {
    var contents = NewestContents()
    var found = [contents.number(of: Self.hash)]
    contents.insert(0, Self.hash)
    found.append(contents.number(of: Self.hash))
    contents.insert(70_000, Self.hash)
    found.append(contents.number(of: Self.hash))
    contents.removeAll()
    found.append(contents.number(of: Self.hash))
    #expect(found == [nil, 0, 70_000, nil])
  }

  @Test(arguments: UInt32(21)..<32)
  func `a content that shares the place of another hash is not taken for that`(_ bit: UInt32) {
    var contents = NewestContents()
    contents.insert(1, Self.hash)
    let found = contents.number(of: Self.hash ^ 1 << bit)
    #expect(found == nil)
  }
}
