internal import XenRing

/// Makes every checksum of a damaged trace right again, so that what lies behind them is tested.
///
/// For tests and fuzzing: it believes all lengths that lie within the file and stops at the first
/// that does not.
package enum TraceRepair {
  /// Repairs all checksums that can be found.
  package static func repair(_ file: inout [UInt8]) {
    guard file.count >= Preamble.size else { return }
    let length = Int(number(in: file, at: 12))
    guard length <= file.count - Preamble.size else { return }
    var place = Preamble.size + length
    sum(&file, Preamble.size..<place, to: 16)
    sum(&file, 0..<28, to: 28)
    while place + BlockHead.size <= file.count {
      let stored = Int(number(in: file, at: place + 12)) + Int(number(in: file, at: place + 20))
      let data = place + BlockHead.size
      guard stored <= file.count - data else { break }
      sum(&file, data..<data + stored, to: place + BlockHead.size - 12)
      sum(&file, place..<data - 4, to: data - 4)
      place = data + stored
    }
    let tail = file.count - IndexEntry.tailSize
    if place == tail { sum(&file, tail..<tail + 12, to: tail + 12) }
  }

  private static func number(in file: [UInt8], at place: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(file[place + $1]) << (8 * $1) }
  }

  private static func sum(_ file: inout [UInt8], _ range: Range<Int>, to place: Int) {
    let sum = checksum(file.span.extracting(range).octets)
    for octet in 0..<4 { file[place + octet] = UInt8(truncatingIfNeeded: sum >> (8 * octet)) }
  }
}
