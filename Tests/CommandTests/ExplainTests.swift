internal import Foundation
internal import Testing

@Suite struct ExplainTests {
  static let packet = """
    ringside-scenario 1 profile=linux start=0x0 gso4=yes gso6=yes notifies=yes headroom=0
    send page=1 offset=4090 size=60 flags=0x0
    publish ring=tx beyond=0 tells=yes

    """

  @Test func `a scenario is told step by step`() throws {
    let run = try CommandRun(["explain", "-"], input: Data(Self.packet.utf8))
    #expect(run.code == 0)
    #expect(
      run.output == """
        0: send page=1 offset=4090 size=60 flags=0x0
        1: publish ring=tx beyond=0 tells=yes
            guest cut off by tx/page-crossing

        """)
  }

  @Test(arguments: ["copy", "map", "map-large", "lazy"])
  func `a scenario is told by the path that is said, with its frames held`(
    _ path: String
  ) throws {
    let packet = Self.packet.replacing("offset=4090 size=60", with: "offset=0 size=1000")
    let run = try CommandRun(
      ["explain", "-", "--path", path, "--hold"], input: Data(packet.utf8))
    #expect(run.code == 0)
    #expect(
      run.output == """
        0: send page=1 offset=0 size=1000 flags=0x0
        1: publish ring=tx beyond=0 tells=yes
            packet delivered
            frame of 1000 octets
            tx answers 0 OKAY

        """)
  }

  @Test(arguments: [
    "tx/page-crossing", "vif vif-5-0 vif5.0: Cross page boundary, txp->offset: 4090, size: 60",
  ])
  func `a rule is said by its name, or by the kernel's line about it`(_ words: String) throws {
    let run = try CommandRun("explain", words)
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("tx/page-crossing: data ends with its page\n"))
  }

  @Test func `what is neither says what there is`() throws {
    let run = try CommandRun("explain", "tx/nonsense")
    #expect(run.code == 4)
    #expect(run.errors.contains("nor is it a rule (ringside check --list)"))
  }

  @Test func `a scenario that is wrongly written is told by line and column`() throws {
    let text = Self.packet + "sned page=1\n"
    let run = try CommandRun(["explain", "-"], input: Data(text.utf8))
    #expect(run.code == 2)
    #expect(run.errors.hasPrefix("ringside: standard input: line 4, column 1: "))
  }

  @Test(arguments: [
    ["explain"], ["explain", "-", "--path", "staged"],
  ])
  func `wrong words end with 64`(_ words: [String]) throws {
    #expect(try CommandRun(words).code == 64)
  }
}
