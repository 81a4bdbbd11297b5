import Fuzzer
import Glibc
import RingCases

/// Plays the stored cases, on the Xen that this machine runs on or on the simulation, and compares
/// answers.
///
///     ringside-differential SET ask kernel|swift [FILE]  the answers, on stdout; not those FILE has
///     ringside-differential SET ask simulation           those of ours where there is no Xen
///     ringside-differential SET ask model                what must be answered, by the model of the rules
///     ringside-differential SET compare A B              how two files of answers agree
///     ringside-differential SET store A B KEY=VALUE…     both runs' answers in one file, with a head
///
/// SET is `tx`, `rx` or `control`, or `scenarios-tx`, `-rx` or `-control`, scenarios as a seed has them; with a colon and the start of names behind it, those cases only. Scenarios' names
/// begin with `seed-1/` or that of another seed. Exit codes: 0 all played, or all agree; 1 not so; 3 there is no Xen
/// here; 64 wrong usage.
@main
struct Differential {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let words = arguments.first?.split(separator: ":", maxSplits: 1).map(String.init) ?? []
    let start = words.count > 1 ? words[1] : ""
    switch words.first {
    case "tx": CaseCommand<TxCase>(start).run(arguments.dropFirst())
    case "rx": CaseCommand<RxCase>(start).run(arguments.dropFirst())
    case "control": CaseCommand<ControlCase>(start).run(arguments.dropFirst())
    case "scenarios-tx":
      CaseCommand(seeded(start, .tx, 2500) { $0.txCase($1) }).run(arguments.dropFirst())
    case "scenarios-rx":
      CaseCommand(seeded(start, .rx, 700) { $0.rxCase($1) }).run(arguments.dropFirst())
    case "scenarios-control":
      CaseCommand(seeded(start, .control, 1500) { $0.controlCase($1) }).run(arguments.dropFirst())
    default: usage()
    }
  }

  /// Scenarios of a seed, and of them those whose names begin so; they begin with the seed.
  private static func seeded<Asked: RingCase>(
    _ start: String, _ target: ScenarioTarget, _ count: Int, _ make: (Scenario, String) -> Asked?
  ) -> [Asked] {
    let words = start.split(separator: "/").first?.split(separator: "-")
    let seed = words.flatMap { $0.count == 2 ? UInt64($0[1]) : nil } ?? 1
    return Scenario.cases(of: target, seed: seed, count, make).filter { $0.name.hasPrefix(start) }
  }

  static func leave(_ code: Int32, _ line: String) -> Never {
    note(line)
    exit(code)
  }

  static func usage() -> Never {
    leave(
      64,
      """
      usage: ringside-differential tx|rx|control|scenarios-tx|scenarios-rx|scenarios-control[:START] \
      ask kernel|swift [FILE], ask simulation|model, compare A B, or store A B KEY=VALUE...
      """)
  }
}
