import TraceFormat
import XenInterface

/// How long nothing has come. A trace that ends in silence says so: that a ring stood still for a minute
/// cannot be told from one that was recorded for no longer.
///
/// The clock that a recording is driven by need not be that of its events.
struct Silence {
  /// Nanoseconds of silence that are worth a note.
  private static let least: UInt64 = 1_000_000_000

  private var last: MonotonicInstant?
  private var isBroken = false
  private var begin: MonotonicInstant?
  private var lookedAt: MonotonicInstant?

  /// An event has come; its time may lie behind that of one before.
  mutating func end(_ event: TraceEvent) {
    last = max(last ?? event.time, event.time)
    isBroken = true
  }

  /// Looks at the clock.
  mutating func look(now: MonotonicInstant) {
    if isBroken || begin == nil { begin = now }
    isBroken = false
    lookedAt = now
  }

  /// Notes for the end of the trace, with what they say. Without any event, one says when it began.
  var notes: [(event: TraceEvent, text: [UInt8])] {
    guard let begin, let lookedAt, !isBroken else { return [] }
    let length = lookedAt.nanoseconds - min(begin.nanoseconds, lookedAt.nanoseconds)
    guard length >= Self.least else { return [] }
    let from = last ?? begin
    let end = note("nothing more came until the recording ended", at: from.advanced(by: length))
    return last == nil ? [note("the recording begins", at: from), end] : [end]
  }

  private func note(
    _ words: String, at time: MonotonicInstant
  ) -> (event: TraceEvent, text: [UInt8]) {
    let text = Array(words.utf8)
    let event = TraceEvent(time: time, origin: .observed, .note(length: UInt32(text.count)))
    return (event, text)
  }
}
