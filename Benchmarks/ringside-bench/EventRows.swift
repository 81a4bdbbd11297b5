import CBenchReference
import TraceFormat
import XenRing

/// Events as one would write them without a thought: a row of one size for each, little-endian, and
/// behind it the payload.
struct EventRows {
  /// Octets of a row.
  static let size = 42

  private(set) var octets: [UInt8] = []

  /// Takes the next event.
  mutating func append(_ event: TraceEvent, _ payload: RawSpan = RawSpan()) {
    let flat = bench_event(event)
    put(flat.time)
    put(event.vif)
    put(event.queue)
    put(flat.kind)
    put(flat.origin)
    let fields = flat.field
    for field in [fields.0, fields.1, fields.2, fields.3, fields.4, fields.5] { put(field) }
    put(UInt32(payload.byteCount))
    octets.append(octets: payload)
  }

  private mutating func put(_ value: some FixedWidthInteger & UnsignedInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) {
      octets.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
