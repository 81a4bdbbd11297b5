internal import Fuzzer
internal import TraceFiles
internal import TraceFormat
internal import XenRing

extension TraceInput {
  /// Reads a scenario: its text form, or any octets, such as a fuzzer's crash file.
  func scenario() throws(CommandFailure) -> Scenario { try scenario(at: start()) }

  /// Makes something of a scenario, or of the first one of a trace of which it can be made.
  ///
  /// - Returns: `nil` when it can be made of none.
  func firstScenario<Result>(
    _ make: (Scenario) -> Result?
  ) throws(CommandFailure) -> Result? {
    let source = try start()
    guard source.isTrace else { return make(try scenario(at: source)) }
    var made: Result?
    try forEachScenario(of: source) { scenario throws(CommandFailure) in
      made = make(scenario)
      return made == nil
    }
    return made
  }

  private func start() throws(CommandFailure) -> PeekedSource {
    let opened = try open()
    do throws(TransferError) {
      return try PeekedSource(opened, count: PeekedSource.scenarioLength)
    } catch { throw failure(.transfer(error)) }
  }

  private func scenario(at source: PeekedSource) throws(CommandFailure) -> Scenario {
    source.isScenario ? try text(source) : Scenario(octets: try octets(source))
  }

  /// Reads the text form of a scenario.
  func text(_ source: PeekedSource) throws(CommandFailure) -> Scenario {
    do throws(TraceTextError) { return try Scenario(text: source) } catch { throw failure(error) }
  }

  private func octets(_ source: PeekedSource) throws(CommandFailure) -> [UInt8] {
    var octets: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 4096)
    while octets.count < Scenario.octetLimit {
      let count: Int
      do throws(TransferError) {
        var span = room.mutableSpan
        var bytes = span.octets
        count = try source.read(at: UInt64(octets.count), into: &bytes)
      } catch { throw failure(.transfer(error)) }
      guard count > 0 else { break }
      octets += room.prefix(count)
    }
    guard !octets.isEmpty else {
      throw CommandFailure(.badInput, "\(name): empty, not a scenario")
    }
    return octets
  }
}

extension Scenario {
  /// The scenario as a trace, and what our netback did in it that it must not.
  ///
  /// - Parameter name: what it is called where something is wrong.
  func recorded(
    _ name: String, by way: ScenarioWay = ScenarioWay()
  ) throws(CommandFailure) -> ([UInt8], ScenarioFailure?) {
    let sink = MemorySink()
    do throws(TraceWriteError) {
      let recording = try ScenarioRecording(
        of: self, by: way, to: sink, tool: "ringside \(ToolVersion.current)")
      return (sink.octets, recording.failure)
    } catch { throw error.failure(name) }
  }
}

extension TraceInput {
  /// Hands on what the guests of a trace did between two places, scenario by scenario; a whole scenario in its text
  /// form is itself.
  func forEachScenario(
    from: CountedPoint? = nil, to: CountedPoint? = nil,
    _ body: (Scenario) throws(CommandFailure) -> Void
  ) throws(CommandFailure) {
    let source = try from == nil && to == nil ? peek() : trace()
    if source.isScenario { return try body(text(source)) }
    try forEachScenario(of: source, from: from, to: to) { scenario throws(CommandFailure) in
      try body(scenario)
      return true
    }
  }

  /// The same of a trace that was opened; `body` says whether to go on.
  private func forEachScenario(
    of source: PeekedSource, from: CountedPoint? = nil, to: CountedPoint? = nil,
    _ body: (Scenario) throws(CommandFailure) -> Bool
  ) throws(CommandFailure) {
    var range = try range(of: source, from: from, to: to)
    var scenarios: TraceScenarios?
    var isWanted = true
    let ending = try read(source, from: range.from, keepsState: true) {
      header throws(CommandFailure) in
      scenarios = TraceScenarios(header)
    } leapt: {
      range.pass($0)
      scenarios?.leap()
    } event: { event, payload, number throws(CommandFailure) in
      guard !range.isOver(at: event, number: number) else { return false }
      if !range.isBegun, range.hasBegun(at: event, number: number) { scenarios?.restart() }
      scenarios?.take(event, payload: payload)
      let finished = range.isBegun ? scenarios?.takeFinished() ?? [] : []
      for scenario in finished where isWanted { isWanted = try body(scenario) }
      return isWanted
    }
    guard range.isBegun, isWanted else { return }
    scenarios?.finish()
    for scenario in scenarios?.takeFinished() ?? [] where isWanted {
      isWanted = try body(scenario)
    }
    if ending.isTruncated { Console.note("ringside: \(truncation)") }
  }
}
