public import TraceFormat
public import XenInterface

/// Looks on while a recording goes on.
public protocol RecordingWatch: AnyObject {
  /// A file begins, with this header.
  func began(_ header: TraceHeader)
  /// An event was taken. What a further file says again of the one before is not among them.
  func saw(_ event: TraceEvent, payload: RawSpan, in recording: Recording)
  /// The recording has looked at the clock; says whether it is to go on.
  func looked(at now: MonotonicInstant, in recording: Recording) -> Bool
  /// No further event comes; the last file is not ended yet.
  func ended(in recording: Recording)
}
