internal import Testing

@Suite struct WrongInputTests {
  @Test(arguments: ["show", "replay"], WrongInput.all)
  func `what is no trace is told in one line`(_ verb: String, _ input: WrongInput) throws {
    let folder = try ScratchFolder()
    let path = try input.make(folder)
    let run = try CommandRun(verb, path)
    #expect(run.code == input.code)
    #expect(run.output.isEmpty)
    #expect(run.errors.hasPrefix("ringside: \(path): "))
    #expect(run.errors.contains(input.words))
    #expect(run.errors.count { $0 == "\n" } == 1)
  }
}
