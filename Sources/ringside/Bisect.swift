internal import ArgumentParser

/// `ringside bisect`: the first bad one of a row.
struct Bisect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finds the first bad one in a row, from one that is good to one that is bad.",
    discussion: """
      The row is that of the whole numbers from one end to the other, or of the lines of a list. The command is run \
      for one after the other, each time in the middle of what is left, with that one in place of {}. Its \
      code says what it is: 0 good, 125 cannot be judged, 1 to 124 bad. Any other ends the search. Both ends \
      are tried first.

      Example:
        ringside bisect --good 1 --bad 8106 -- sh -c 'ringside show a.ringtrace --to {} -w p.ringtrace && ringside replay p.ringtrace'
        ls traces/* | ringside bisect --among - --good traces/01 --bad traces/31 -- ringside replay {}
        ringside bisect --among kernels --good 6.1.100 --bad 6.1.192 -- ./try-kernel {}
      """
  )

  @Option(help: ArgumentHelp("The end that is good.", valueName: "one"))
  var good: String

  @Option(help: ArgumentHelp("The end that is bad.", valueName: "one"))
  var bad: String

  @Option(help: "Take the row from this file, one on a line, or from - for standard input.")
  var among: String?

  @OptionGroup var output: OutputOptions

  @Argument(
    parsing: .postTerminator, help: "The command that judges one, which stands for {} in its words."
  )
  var command: [String] = []

  func validate() throws {
    guard !command.isEmpty else { throw ValidationError("what judges is said behind --") }
    guard command.contains(where: { $0.contains(BisectedCommand.place) }) else {
      throw ValidationError("the command has no {}, where that which it is to judge goes")
    }
    guard good != bad else { throw ValidationError("--good and --bad are the same") }
    if among == nil { _ = try numbers() }
  }

  func run() throws {
    Interruption.watch()
    let row = try among.map { try BisectRow($0, good: good, bad: bad) } ?? numbers()
    let last = row.last
    try tryEnd(row[0], as: .good)
    try tryEnd(row[last], as: .bad)
    var bisection = Bisection(last: last)
    while let place = bisection.next, let judged = try BisectedCommand(command).judge(row[place]) {
      bisection.take(judged.verdict, at: place)
      tell(row[place], judged, left: bisection.left)
    }
    try conclude(bisection, row)
  }

  private func numbers() throws -> BisectRow {
    guard let row = BisectRow(good: good, bad: bad) else {
      throw ValidationError("--good and --bad are two whole numbers, or lines of a list: --among")
    }
    return row
  }

  private func tryEnd(_ candidate: String, as wanted: Bisection.Verdict) throws(CommandFailure) {
    guard let judged = try BisectedCommand(command).judge(candidate) else {
      throw CommandFailure(.refused, "\(candidate): interrupted")
    }
    tell(candidate, judged, left: nil)
    guard judged.verdict == wanted else {
      throw CommandFailure(
        .badInput, "\(candidate): \(judged.verdict.rawValue), said to be \(wanted.rawValue)")
    }
  }
}

// MARK: - Words

extension Bisect {
  private func tell(_ candidate: String, _ judged: BisectedCommand.Judgement, left: Int?) {
    let code = judged.verdict == .bad ? ", code \(judged.code)" : ""
    let rest = left.map { ", \($0) left" } ?? ""
    output.tell("\(candidate): \(judged.verdict.rawValue)\(code)\(rest)")
    output.emit(
      BisectTry(candidate: candidate, verdict: judged.verdict, code: judged.code, left: left))
  }

  private func conclude(_ bisection: Bisection, _ row: BisectRow) throws(CommandFailure) {
    let (good, bad) = (row[bisection.good], row[bisection.bad])
    let skipped = bisection.bad - bisection.good - 1
    output.tell("last good: \(good)")
    output.tell("first bad: \(bad)\(skipped == 0 ? "" : ", or one of the \(skipped) before it")")
    output.emit(BisectResult(lastGood: good, firstBad: bad, skipped: skipped))
    guard skipped > 0 else { return }
    throw CommandFailure(.finding, "\(skipped) between \(good) and \(bad) are not judged")
  }
}

/// What a try said, for programs.
private struct BisectTry: Encodable {
  var candidate: String
  var verdict: Bisection.Verdict
  var code: Int32
  var left: Int?
}

/// What was found, for programs.
private struct BisectResult: Encodable {
  var lastGood: String
  var firstBad: String
  /// Those between them, which are not judged.
  var skipped: Int
}
