internal import TraceFiles
internal import TraceFormat

extension TraceInput {
  /// The events between two places of a trace, which is opened only where one must know how far it
  /// goes.
  func range(from: CountedPoint?, to: CountedPoint?) throws(CommandFailure) -> EventRange {
    guard from?.isFromEnd == true || to?.isFromEnd == true else {
      return EventRange(from: from, to: to, in: TraceExtent())
    }
    guard self != .standardInput else { throw failureOfPipe }
    return try range(of: trace(), from: from, to: to)
  }

  /// The events between two places of a trace that was opened.
  func range(
    of source: PeekedSource, from: CountedPoint?, to: CountedPoint?
  ) throws(CommandFailure) -> EventRange {
    let isCounted = from?.isFromEnd == true || to?.isFromEnd == true
    let extent = try isCounted ? extent(of: source) : TraceExtent()
    return EventRange(from: from, to: to, in: extent)
  }

  /// Goes towards a place.
  ///
  /// - Parameters:
  ///   - keepsState: whether to go back from there to where vifs are known.
  ///   - passed: gets the events of the first block: they say what vifs there are.
  /// - Returns: what is known of the events that were passed over; nil when none were.
  func go(
    _ reader: inout TraceReader, to point: TracePoint, keepsState: Bool,
    passed: (TraceEvent, RawSpan) -> Void
  ) throws(CommandFailure) -> PassedEvents? {
    repeat {
      guard let event = try nextEvent(&reader) else { return nil }
      passed(event, reader.payload)
    } while reader.eventNumber < reader.statistics.events
    do throws(TraceError) {
      guard let events = try reader.seek(before: point) else {
        try reader.seek(toEvent: 0)
        return nil
      }
      return keepsState ? try reader.seekSnapshots() : events
    } catch { throw failure(error) }
  }

  private var failureOfPipe: CommandFailure {
    CommandFailure(
      .badInput,
      "\(name): where a pipe ends is not known; count from the beginning, or name a file")
  }

  /// How far the trace goes, in either form.
  private func extent(of source: PeekedSource) throws(CommandFailure) -> TraceExtent {
    guard source.length != nil else { throw failureOfPipe }
    guard source.isText else {
      var reader = try reader(source)
      do throws(TraceError) { return try reader.extent() ?? TraceExtent() } catch {
        throw failure(error)
      }
    }
    var extent = TraceExtent()
    _ = try read(source) { _ in
    } event: { event, _ throws(CommandFailure) in
      extent.count(event)
      return true
    }
    return extent
  }
}
