internal import ArgumentParser
internal import Fuzzer
internal import RingCases

/// `ringside explain`: what a rule means, and what must come of a scenario.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Says what a rule means, what a line of the kernel's log means, or what comes of a scenario.",
    discussion: """
      A scenario is told step by step: what a netback must do by the model of the rules, and what ours did \
      otherwise, if it did.

      By whichever path data comes, a netback must do the same; but by lazy a page that cannot be had is answered \
      when its frame is let go.

      Example:
        ringside explain tx/page-crossing
        ringside explain "vif vif-5-0 vif5.0: Cross page boundary, txreq.offset: 4000, size: 200"
        ringside explain crash-8f3a
        ringside explain crash-8f3a --path map
      """
  )

  @Argument(help: "A rule, a line of the kernel's log, a scenario's file, or - for standard input.")
  var what: String

  @OptionGroup var way: WayOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let name = KernelLine.rule(of: what)?.rawValue ?? what
    if let rule = CheckedRule.all.first(where: { $0.name == name }) { return explain(rule) }
    let input = what == "-" ? TraceInput.standardInput : .file(what)
    let story = ScenarioStory(of: try scenario(input), by: way.way)
    story.lines.forEach(output.tell)
    output.emit(StoryResult(story))
    guard let failure = story.failure else { return }
    throw CommandFailure(.finding, "\(input.name): \(failure.finding), at step \(failure.step)")
  }

  private func scenario(_ input: TraceInput) throws(CommandFailure) -> Scenario {
    do throws(CommandFailure) { return try input.scenario() } catch {
      guard error.status == .refused else { throw error }
      throw CommandFailure(
        .refused,
        "\(error.message); nor is it a rule (ringside check --list) or a line of netback's log")
    }
  }

  private func explain(_ rule: CheckedRule) {
    let facts = rule.facts
    output.tell("\(facts.rule): \(facts.says)")
    output.tell("    its \(facts.cells) cells: ringside check \(facts.rule)")
    output.tell("    record it where it happens: ringside record --vif VIF -w case.ringtrace")
    output.emit(facts)
  }
}

/// A scenario's story, for programs.
private struct StoryResult: Encodable {
  var lines: [String]
  var finding: String?
  var step: Int?

  init(_ story: ScenarioStory) {
    lines = story.lines
    finding = story.failure.map { "\($0.finding)" }
    step = story.failure?.step
  }
}
