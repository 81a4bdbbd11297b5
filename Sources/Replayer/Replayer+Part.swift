public import TraceFormat

extension Replayer {
  /// Replays a part of a trace of which as little as may be is read: from the last snapshots before its
  /// first event on, or from the beginning where there are none.
  ///
  /// - Parameters:
  ///   - part: numbers of events.
  ///   - source: one with a length; of any other all is read that comes before the part's end.
  public func replay(
    _ part: Range<UInt64>, of source: any ByteSource
  ) throws(ReplayError) -> ReplayReport {
    var reader = try open(source)
    do throws(TraceError) { try reader.seek(toSnapshotsBefore: part.lowerBound) } catch {
      throw .trace(error)
    }
    var session = try ReplaySession(
      reader.header, in: world, options: options, atBeginning: reader.eventNumber == 0)
    while reader.eventNumber < part.upperBound, let event = try next(&reader) {
      let number = reader.eventNumber &- 1
      try session.take(event, payload: reader.payload, number: number)
    }
    var report = session.finish()
    report.isTruncated = reader.isTruncated
    return report
  }
}
