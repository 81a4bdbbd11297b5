internal import Foundation
internal import Testing

@Suite struct ServeTests {
  @Test(
    .disabled(if: FileManager.default.fileExists(atPath: "/dev/xen/gntdev"), "this is a Xen host"),
    arguments: [
      ["serve"], ["serve", "--switch"], ["serve", "--workers", "4"],
      ["serve", "--interface", "lo", "--json"],
    ])
  func `without Xen it says in one line what is missing`(_ arguments: [String]) throws {
    let run = try CommandRun(arguments)
    #expect(run.code == 3)
    #expect(run.output.isEmpty)
    #expect(run.errors.hasPrefix("ringside: /dev/xen/"))
    #expect(run.errors.count { $0 == "\n" } == 1)
  }

  @Test(arguments: [
    ["--tap", "x", "--switch"], ["--interface", "lo", "--savefile", "x"], ["--queues", "0"],
    ["--queues", "65"], ["--stats", "0"], ["--vif", "eth0"],
    ["--workers", "0"], ["--workers", "65"], ["--workers", "two"],
  ])
  func `what cannot be meant is wrong usage`(_ arguments: [String]) throws {
    let run = try CommandRun(["serve"] + arguments)
    #expect(run.code == 64)
    #expect(run.output.isEmpty)
  }

  @Test(arguments: [
    (["--interface", "lo"], "--workers goes with --tap or --savefile"),
    (["--switch"], "--workers goes with --tap or --savefile"),
    (["--record", "x"], "--workers does not go with --record"),
  ])
  func `several workers are refused where one has to see all`(
    _ arguments: [String], _ words: String
  ) throws {
    let run = try CommandRun(["serve", "--workers", "2"] + arguments)
    #expect(run.code == 64)
    #expect(run.output.isEmpty)
    #expect(run.errors.hasPrefix("Error: \(words)"))
  }
}
