internal import Foundation
internal import Testing

@Suite struct ServeTests {
  @Test(
    .disabled(if: FileManager.default.fileExists(atPath: "/dev/xen/gntdev"), "this is a Xen host"),
    arguments: [["serve"], ["serve", "--switch"], ["serve", "--interface", "lo", "--json"]])
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
  ])
  func `what cannot be meant is wrong usage`(_ arguments: [String]) throws {
    let run = try CommandRun(["serve"] + arguments)
    #expect(run.code == 64)
    #expect(run.output.isEmpty)
  }
}
