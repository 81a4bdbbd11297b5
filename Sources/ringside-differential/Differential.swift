import Glibc
import RingCases

/// Plays the stored cases, on the Xen that this machine runs on or on the simulation, and compares
/// answers.
///
///     ringside-differential SET ask kernel|swift [FILE]  the answers, on stdout; not those FILE has
///     ringside-differential SET ask simulation           those of ours where there is no Xen
///     ringside-differential SET compare A B              how two files of answers agree
///     ringside-differential SET store A B KEY=VALUE…     both runs' answers in one file, with a head
///
/// SET is `tx`, `rx` or `control`. Exit codes: 0 all played, or all agree; 1 not so; 3 there is
/// no Xen here; 64 wrong usage.
@main
struct Differential {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case "tx": CaseCommand<TxCase>.run(arguments.dropFirst())
    case "rx": CaseCommand<RxCase>.run(arguments.dropFirst())
    case "control": CaseCommand<ControlCase>.run(arguments.dropFirst())
    default: usage()
    }
  }

  static func leave(_ code: Int32, _ line: String) -> Never {
    note(line)
    exit(code)
  }

  static func usage() -> Never {
    leave(
      64,
      """
      usage: ringside-differential tx|rx|control \
      ask kernel|swift [FILE], ask simulation, compare A B, or store A B KEY=VALUE...
      """)
  }
}
