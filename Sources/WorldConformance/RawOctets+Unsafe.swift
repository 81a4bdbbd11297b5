import XenInterface

/// Arrays of octets, lent as raw spans.
enum RawOctets {
  /// Octets that a closure writes into a raw span.
  static func made(_ count: Int, by body: (inout MutableRawSpan) -> Void) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: count)
    var span = octets.mutableSpan
    // SAFETY: any octets make whole values of an array of octets.
    var raw = unsafe span.mutableBytes
    body(&raw)
    return octets
  }

  /// Lends octets to a closure.
  static func lend(_ octets: [UInt8], to body: (RawSpan) -> Void) {
    // SAFETY: octets have no padding to be read.
    unsafe body(octets.span.bytes)
  }
}
