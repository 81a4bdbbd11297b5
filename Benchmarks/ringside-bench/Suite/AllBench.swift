import ArgumentParser
import Foundation

/// Everything beside its C reference and its peers, in one run.
struct AllBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all",
    abstract: "Measures everything beside C references and peers, in one run, as one table.",
    discussion: """
      Those who take part in a measurement do so in turn; the median of the rounds counts. A ratio says how many \
      times as good ours is. A peer that is not there is named, and the others are measured.

      Example: ringside-bench all --quick --only tx --only start/help --json figures.json
      """)

  @Flag(help: "Take two minutes, not half an hour.") var quick = false
  @Option(help: "Write the results to this file, too.") var json: String?
  @Option(help: "Measure these only: a group, or how the name of a measurement begins.")
  var only: [String] = []
  @Option(help: "Rounds of each; 9 unless told, 3 of a quick run.") var rounds: Int?
  @Option(help: "A trace of real traffic.") var trace = "Corpus/field/loopback.ringtrace"
  @Option(help: "The command ringside; the one beside this program unless told.") var ringside:
    String?

  func validate() throws {
    guard rounds.map({ $0 > 0 }) ?? true else { throw ValidationError("At least one round.") }
  }

  func run() throws {
    // A peer that ends early says so by what it answers.
    signal(SIGPIPE, SIG_IGN)
    var report = BenchReport(isQuick: quick)
    let scale = BenchScale(
      isQuick: quick, trace: trace, ringside: ringside ?? ProgramRun.beside("ringside"))
    for group in BenchGroup.all where isWanted(group) { measure(group, scale, &report) }
    print(report.text)
    if let json { try report.json.write(to: URL(filePath: json)) }
    if !report.failures.isEmpty { throw ExitCode.failure }
  }

  private func measure(_ group: BenchGroup, _ scale: BenchScale, _ report: inout BenchReport) {
    do {
      for contest in try group.contests(scale) where isWanted(group, contest) {
        let name = "\(group.name)/\(contest.name)"
        Self.tell(name)
        report.add(name) { try contest.run(as: name, rounds: rounds ?? scale.rounds) }
      }
    } catch { report.fail(group.name, error) }
  }

  private func isWanted(_ group: BenchGroup) -> Bool {
    only.isEmpty || only.contains { $0.split(separator: "/").first.map(String.init) == group.name }
  }

  private func isWanted(_ group: BenchGroup, _ contest: Contest) -> Bool {
    only.isEmpty || only.contains { "\(group.name)/\(contest.name)".hasPrefix($0) }
  }

  /// What is being measured, for whoever waits.
  private static func tell(_ name: String) {
    FileHandle.standardError.write(Data("measuring \(name)\n".utf8))
  }
}
