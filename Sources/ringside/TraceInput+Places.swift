internal import TraceFiles
internal import TraceFormat
internal import XenInterface

/// Says how long after a trace's first event others came.
struct ElapsedTime {
  /// Time of the first event.
  private(set) var begin: MonotonicInstant?

  /// Nanoseconds to `time`, which is that of the first event if there was none; 0 if it is earlier.
  mutating func nanoseconds(to time: MonotonicInstant) -> UInt64 {
    let begin = begin ?? time
    self.begin = begin
    return time.nanoseconds - min(begin.nanoseconds, time.nanoseconds)
  }
}

extension TraceInput {
  /// The events between two places of a trace that was opened.
  func range(
    of source: PeekedSource, from: CountedPoint?, to: CountedPoint?
  ) throws(CommandFailure) -> EventRange {
    let isCounted = from?.isFromEnd == true || to?.isFromEnd == true
    let extent = try isCounted ? extent(of: source) : TraceExtent()
    return EventRange(from: from?.point(in: extent), to: to?.point(in: extent))
  }

  /// Goes to the block of a place.
  ///
  /// - Parameter passed: gets the events of the first block: they say what vifs there are.
  func go(
    _ reader: inout TraceReader, to point: EventPoint, _ elapsed: inout ElapsedTime,
    passed: (TraceEvent, RawSpan) -> Void
  ) throws(CommandFailure) {
    repeat {
      guard let event = try nextEvent(&reader) else { return }
      _ = elapsed.nanoseconds(to: event.time)
      passed(event, reader.payload)
    } while reader.eventNumber < reader.statistics.events
    do throws(TraceError) {
      switch point {
      case .number(let number): try reader.seek(toEvent: number)
      case .time(let nanoseconds):
        guard let begin = elapsed.begin else { return }
        try reader.seek(toBlockOf: begin.advanced(by: nanoseconds))
      }
    } catch { throw failure(error) }
  }

  /// Goes back to where the vifs are known.
  func goToSnapshots(_ reader: inout TraceReader) throws(CommandFailure) {
    do throws(TraceError) { try reader.seek(toSnapshotsBefore: reader.eventNumber) } catch {
      throw failure(error)
    }
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
