internal import ArgumentParser
internal import Netback
internal import Replayer
internal import SimulatedXen
internal import XenInterface

/// How traces that are replayed at once stand beside each other.
enum AlignmentName: String, ExpressibleByArgument, CaseIterable {
  case clock, start

  var alignment: JointReplay.Alignment { self == .clock ? .clock : .start }
}

extension Replay {
  /// Traces that are replayed at once, at most: each has a guest of its own.
  private static let mostTogether = 64

  /// Replays traces at once, and sums them up.
  func replay(_ inputs: [TraceInput], by alignment: JointReplay.Alignment) throws {
    guard case .one(let path) = path, 2...Self.mostTogether ~= inputs.count else {
      throw ValidationError("--together takes 2 to 64 traces, there are \(inputs.count)")
    }
    let each = try inputs.map { try options(path, of: $0) }
    let (reports, lateness) = try repetition.rounds("\(inputs.count) traces") {
      title, pacer throws(CommandFailure) in
      try on.replay(inputs, each, by: alignment, pacer: pacer, title: title)
    }
    var sum = ReplaySum()
    for (input, report) in zip(inputs, reports) {
      sum.add(report)
      show(report, of: input, by: path)
    }
    output.tell(sum.line)
    if let lateness { output.tell("  lateness     \(lateness.words)") }
    output.emit(TogetherSummary(sum, reports, lateness))
    try sum.conclude()
  }
}

extension WorldName {
  /// Replays traces at once, each with a guest of its own.
  fileprivate func replay(
    _ inputs: [TraceInput], _ options: [ReplayOptions], by alignment: JointReplay.Alignment,
    pacer: Pacer?, title: String
  ) throws(CommandFailure) -> [ReplayReport] {
    let machine = SimulatedMachine(seed: 1)
    var parts: [JointReplay.Part] = []
    for (place, input) in inputs.enumerated() {
      let guest = DomainID(rawValue: UInt16(place + 1))
      let world = try self == .sim ? ReplayWorld(on: machine, guest: guest) : world()
      parts.append(JointReplay.Part(try input.binary(), in: world, options: options[place]))
    }
    let ticker = ProgressTicker(title)
    do throws(JointReplay.Failure) {
      return try JointReplay(by: alignment).replay(parts, pacer: pacer) { reports in
        ticker.goesOn(reports.reduce(into: ReplayReport()) { $0.add($1) })
      }
    } catch { throw failure(error.reason, of: inputs[error.trace], parts[error.trace].source) }
  }
}

/// What traces that were replayed at once came to, for programs.
private struct TogetherSummary: Encodable {
  var traces: Int
  var recorded, replayed, matched, diverged, rounds: UInt64
  var lateness: LatenessSummary?

  init(_ sum: ReplaySum, _ reports: [ReplayReport], _ lateness: Lateness?) {
    traces = reports.count
    recorded = sum.total.recorded
    replayed = sum.total.replayed
    matched = sum.total.matched
    diverged = sum.total.diverged
    rounds = reports.map(\.rounds).max() ?? 0
    self.lateness = lateness.map(LatenessSummary.init)
  }
}
