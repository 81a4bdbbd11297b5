internal import TraceFiles
internal import TraceFormat

extension TraceInput {
  /// The events between two places of a trace that was opened.
  func range(
    of source: PeekedSource, from: CountedPoint?, to: CountedPoint?
  ) throws(CommandFailure) -> EventRange {
    let isCounted = from?.isFromEnd == true || to?.isFromEnd == true
    let extent = try isCounted ? extent(of: source) : TraceExtent()
    return EventRange(from: from?.point(in: extent), to: to?.point(in: extent))
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

  /// How far the trace goes, in either form.
  private func extent(of source: PeekedSource) throws(CommandFailure) -> TraceExtent {
    guard source.length != nil else {
      throw CommandFailure(
        .badInput,
        "\(name): where a pipe ends is not known; count from the beginning, or name a file")
    }
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
