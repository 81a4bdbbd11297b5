import Testing
import TraceFormat

@Suite struct RedactionStatementTests {
  @Test(arguments: [
    ("", true), ("snaplen=64", false), ("headers-only", false), ("scramble", false),
    ("snaplen=0 headers-only scramble", false), ("by hand", true), ("scramble by hand", false),
    ("snaplen=x", true),
  ])
  func `the text of a header is read and written`(_ text: String, _ isEmpty: Bool) {
    let statement = RedactionStatement(text)
    #expect(statement.text == text)
    #expect(statement.isEmpty == isEmpty)
  }

  @Test func `what is done later adds to what was done before`() {
    let first = RedactionStatement("snaplen=64 headers-only by hand")
    let second = RedactionStatement("snaplen=100 scramble hand")
    #expect(first.followed(by: second).text == "snaplen=64 headers-only scramble by hand")
    #expect(second.followed(by: first).text == "snaplen=64 headers-only scramble hand by")
    #expect(first.followed(by: RedactionStatement()) == first)
  }
}
