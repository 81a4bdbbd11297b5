internal import Fuzzer
internal import TraceFiles
internal import TraceFormat

/// How the reading of a trace ended.
struct TraceEnding {
  /// Whether its end is missing.
  var isTruncated = false
  /// What the blocks say; nil for the text form, and when not all was read.
  var statistics: TraceStatistics?
}

extension TraceInput {
  /// Reads a trace in either form: the header, then every event with its payload. A scenario in its text form
  /// is played, and read as the trace of that.
  ///
  /// `event` says whether to go on.
  func read(
    header: (TraceHeader) throws(CommandFailure) -> Void,
    event: (TraceEvent, RawSpan) throws(CommandFailure) -> Bool
  ) throws(CommandFailure) -> TraceEnding {
    try read(trace(), header: header, event: event)
  }

  /// Reads what was opened.
  func read(
    _ source: PeekedSource, header: (TraceHeader) throws(CommandFailure) -> Void,
    event: (TraceEvent, RawSpan) throws(CommandFailure) -> Bool
  ) throws(CommandFailure) -> TraceEnding {
    try read(source, from: nil, header: header) { next, payload, _ throws(CommandFailure) in
      try event(next, payload)
    }
  }

  /// Reads what was opened, with as little as may be of what stands before `from`.
  ///
  /// - Parameters:
  ///   - keepsState: whether to begin with snapshots before `from`, from which on vifs are known.
  ///   - passed: gets what is known of events that are passed over.
  ///   - leapt: called when there were any, before the next event.
  ///   - event: gets an event, its payload and its number, and says whether to go on.
  func read(
    _ source: PeekedSource, from: TracePoint?, keepsState: Bool = false,
    header: (TraceHeader) throws(CommandFailure) -> Void,
    passed: (TraceEvent, RawSpan) -> Void = { _, _ in }, leapt: (PassedEvents) -> Void = { _ in },
    event: (TraceEvent, RawSpan, UInt64) throws(CommandFailure) -> Bool
  ) throws(CommandFailure) -> TraceEnding {
    if source.isText { return try readText(source, header: header, event: event) }
    var reader = try reader(source)
    try header(reader.header)
    if let from, source.length != nil,
      let events = try go(&reader, to: from, keepsState: keepsState, passed: passed)
    {
      leapt(events)
    }
    while let next = try nextEvent(&reader) {
      let number = reader.eventNumber &- 1
      guard try event(next, reader.payload, number) else { return TraceEnding() }
    }
    let isWhole = reader.statistics.events == reader.eventNumber
    return TraceEnding(
      isTruncated: reader.isTruncated, statistics: isWhole ? reader.statistics : nil)
  }

  /// The trace in its binary form: as it is, or what the text form says.
  func binary() throws(CommandFailure) -> any ByteSource {
    let source = try peek()
    guard !source.isScenario else {
      throw CommandFailure(
        .badInput,
        "\(name): a scenario, not a trace; ringside explain plays it, ringside show -w makes a trace of it"
      )
    }
    return source.isText ? BinaryOfText(source) : source
  }

  /// Opens it; a scenario in its text form is played, and the trace of that is what was opened.
  func trace() throws(CommandFailure) -> PeekedSource {
    let source = try peek()
    return source.isScenario ? try peek(at: played(source)) : source
  }

  /// Opens it and looks at what it begins with.
  func peek() throws(CommandFailure) -> PeekedSource {
    try peek(at: open())
  }

  private func peek(at opened: any ByteSource) throws(CommandFailure) -> PeekedSource {
    let source: PeekedSource
    do throws(TransferError) {
      source = try PeekedSource(opened, count: PeekedSource.scenarioLength)
    } catch { throw failure(.transfer(error)) }
    guard !source.start.isEmpty else {
      throw CommandFailure(.badInput, "\(name): empty, not a trace")
    }
    guard !source.isCapture else {
      throw CommandFailure(
        .badInput, "\(name): a capture; ringside show FILE -w makes a trace of a file of that kind")
    }
    return source
  }

  /// The trace of a scenario, up to what it finds.
  private func played(_ source: PeekedSource) throws(CommandFailure) -> MemorySource {
    let (octets, failure) = try text(source).recorded(name)
    if let failure {
      Console.note(
        "ringside: \(name): \(failure.finding), at step \(failure.step); the trace ends there")
    }
    return MemorySource(octets)
  }

  /// Reads the header of the binary form.
  func reader(_ source: any ByteSource) throws(CommandFailure) -> TraceReader {
    do throws(TraceError) { return try TraceReader(source) } catch { throw failure(error) }
  }

  /// Reads the next event of the binary form.
  func nextEvent(_ reader: inout TraceReader) throws(CommandFailure) -> TraceEvent? {
    do throws(TraceError) { return try reader.next() } catch { throw failure(error) }
  }

  private func readText(
    _ source: PeekedSource, header: (TraceHeader) throws(CommandFailure) -> Void,
    event: (TraceEvent, RawSpan, UInt64) throws(CommandFailure) -> Bool
  ) throws(CommandFailure) -> TraceEnding {
    var reader = try textReader(source)
    try header(reader.header)
    var number: UInt64 = 0
    while let next = try nextEvent(&reader) {
      guard try event(next, reader.payload, number) else { break }
      number += 1
    }
    return TraceEnding()
  }

  private func textReader(_ source: PeekedSource) throws(CommandFailure) -> TraceTextReader {
    do throws(TraceTextError) { return try TraceTextReader(source) } catch { throw failure(error) }
  }

  private func nextEvent(_ reader: inout TraceTextReader) throws(CommandFailure) -> TraceEvent? {
    do throws(TraceTextError) { return try reader.next() } catch { throw failure(error) }
  }

  /// The line and the exit code for what is wrong with a trace, or with the text that `binary` makes it of.
  func failure(_ error: TraceError, reading source: any ByteSource) -> CommandFailure {
    guard error == .transfer(.badText), let text = source as? BinaryOfText,
      let error = text.failure
    else { return failure(error) }
    return failure(error)
  }

  /// The line and the exit code for what is wrong with a text form.
  func failure(_ error: TraceTextError) -> CommandFailure {
    guard case .readableFile(let transfer) = error.expected else {
      let place = "line \(error.line), column \(error.column)"
      return CommandFailure(.badInput, "\(name): \(place): \(error.expected.words)")
    }
    return failure(.transfer(transfer))
  }
}

extension PeekedSource {
  /// Whether it begins as a trace does, in either form.
  var isTrace: Bool { isText || start.starts(with: Preamble.magic) }

  /// Whether it begins as the text form of a trace does.
  var isText: Bool { start.starts(with: TraceTextReader.title.utf8) }

  /// Whether it begins as the text form of a scenario does.
  var isScenario: Bool { Scenario.titles.contains { start.starts(with: $0.utf8) } }

  /// Octets that are looked at to know a scenario by.
  static var scenarioLength: Int { Scenario.titles.map(\.utf8.count).max() ?? 0 }
}
