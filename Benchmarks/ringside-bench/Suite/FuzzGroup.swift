import Foundation
import Fuzzer
import Netif
import RingCases

extension BenchGroup {
  /// Cells of the rule matrix, and scenarios played and judged; one core.
  static let fuzz = BenchGroup("fuzz") { scale in
    let engine = LibFuzzer(seconds: scale.isQuick ? 1 : 4)
    return [FuzzLines.cells(scale), FuzzLines.executions(scale, engine), engine.engineLine]
  }
}

private enum FuzzLines {
  /// Thousands of cells a second: asked, and compared with what the model of the rules says.
  static func cells(_ scale: BenchScale) -> Contest {
    Contest("matrix cells", .thousands) {
      let rules = MatrixRule.allCases.prefix(scale.share(of: 40))
      return Entrants(ours: {
        var cells = 0
        let time = try ProcessorTime.thread.measure {
          for rule in rules {
            let report = MatrixReport(rule, by: .linux) { BareQueue.answer(to: $0, by: .linux) }
            guard report.differences.isEmpty else { throw ThroughputFault() }
            cells += report.cells
          }
        }
        return Double(cells) / time / 1000
      })
    }
  }

  /// Thousands of scenarios a second, with the model beside ours, as the engine's inputs are played.
  static func executions(_ scale: BenchScale, _ engine: LibFuzzer) -> Contest {
    Contest("executions, no engine", .thousands) {
      let inputs = (0..<400 as Range<UInt64>).map { number in
        var mutator = ScenarioMutator(.tx, seed: 21 << 32 | number)
        return mutator.fresh().octets
      }
      let (players, times) = (ScenarioPlayers(), scale.share(of: 100))
      var reach = ScenarioReach()
      return Entrants(
        ours: {
          let time = ProcessorTime.thread.measure {
            for _ in 0..<times { for input in inputs { _ = players.play(octets: input, &reach) } }
          }
          return Double(inputs.count * times) / time / 1000
        },
        peers: [
          .made("libFuzzer, empty") { try engine.reference(["-DEMPTY"]) },
          .made("libFuzzer, validator") { try engine.reference([]) },
        ])
    }
  }
}

/// libFuzzer on targets in C, and ours under the same engine.
private final class LibFuzzer {
  private let seconds: Int
  private var folder: BenchFolder?

  init(seconds: Int) { self.seconds = seconds }

  /// Thousands of executions a second of a target of `Benchmarks/CFuzzReference`.
  func reference(_ options: [String]) throws -> BenchRound {
    let program = try place().path("target\(options.count)")
    try CProgram.build(
      ["tx.c"], to: program, options: ["-fsanitize=fuzzer"] + options, compiler: "clang",
      needs: "libFuzzer", in: "Benchmarks/CFuzzReference")
    return { [self] in try rate([program]) }
  }

  /// Ours, where `make fuzzer` has built it.
  var engineLine: Contest {
    Contest("executions", .thousands) { [self] in
      let program = ProgramRun.beside("ringside-fuzz")
      guard FileManager.default.isExecutableFile(atPath: program) else {
        throw PeerFault.needs("ringside-fuzz beside this program: make fuzzer")
      }
      return Entrants(
        ours: { [self] in try rate([program, "--target=tx"]) },
        peers: [.made("libFuzzer, validator") { try reference([]) }])
    }
  }

  private func rate(_ program: [String]) throws -> Double {
    let place = try place()
    let corpus = place.path("corpus")
    try? FileManager.default.removeItem(atPath: corpus)
    try FileManager.default.createDirectory(atPath: corpus, withIntermediateDirectories: false)
    let run = try ProgramRun(
      program + [
        "-use_value_profile=1", "-max_len=512", "-seed=1", "-max_total_time=\(seconds)",
        "-print_final_stats=1", corpus,
      ], output: place.url.appending(path: "said"))
    guard let units = run.output.firstMatch(of: #/number_of_executed_units:\s*(\d+)/#)?.1,
      let count = Double(units)
    else { throw PeerFault.silent("the engine does not say how many it executed") }
    return count / run.processor / 1000
  }

  private func place() throws -> BenchFolder {
    if let folder { return folder }
    let made = try BenchFolder()
    folder = made
    return made
  }
}
