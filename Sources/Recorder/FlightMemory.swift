import TraceFormat
import XenInterface
import XenRing

/// The last of a recording, in pieces that go on from one another. Each can be the first of a file.
struct FlightMemory {
  private struct Piece {
    var segment: FlightSegment
    var begin: MonotonicInstant
  }

  /// Octets that the pieces but the newest have at most.
  private let limit: UInt64
  private var pieces: [Piece] = []
  /// Octets of all pieces but the newest, which is still written.
  private(set) var closedOctets: UInt64 = 0

  init(limit: UInt64) { self.limit = limit }

  /// When the oldest piece began.
  var begin: MonotonicInstant? { pieces.first?.begin }

  /// Begins a piece; the one before is whole. Where there is no more room, the oldest go.
  mutating func begin(at now: MonotonicInstant) -> FlightSegment {
    if let last = pieces.last { closedOctets += last.segment.octets }
    pieces.append(Piece(segment: FlightSegment(), begin: now))
    while closedOctets > limit { removeFirst() }
    return pieces[pieces.count - 1].segment
  }

  /// Lets go of pieces that ended before `time`.
  mutating func forget(before time: MonotonicInstant) {
    while pieces.count > 1, pieces[1].begin <= time { removeFirst() }
  }

  /// What is kept, from the piece that holds `begin` on. Nothing must be on its way into the newest.
  func sources(from begin: MonotonicInstant?) -> [FlightSource] {
    let first = begin.flatMap { time in pieces.lastIndex { $0.begin <= time } } ?? 0
    return pieces[first...].map { FlightSource($0.segment.blocks) }
  }

  private mutating func removeFirst() {
    closedOctets -= pieces.removeFirst().segment.octets
  }
}

/// A piece of memory, which a recording writes as if it were a file.
final class FlightSegment: RecordingFile, ByteSink {
  /// What was written, as it came.
  private(set) var blocks: [[UInt8]] = []
  /// Octets in them.
  private(set) var octets: UInt64 = 0

  var sink: any ByteSink { self }

  func write(_ octets: RawSpan) {
    blocks.append(octets.array)
    self.octets += UInt64(octets.byteCount)
  }

  func merge(level: Int32) -> TraceStatistics? { nil }

  /// The memory that it is of decides when it goes.
  func discard() {}
}

/// A piece of memory as it stood, to be read.
final class FlightSource: ByteSource {
  private let blocks: [[UInt8]]
  /// Where each block begins, and where the last ends.
  private let starts: [UInt64]
  /// The block that was read last.
  private var current = 0

  init(_ blocks: [[UInt8]]) {
    self.blocks = blocks
    starts = blocks.reduce(into: [0]) { $0.append($0[$0.count - 1] + UInt64($1.count)) }
  }

  var length: UInt64? { starts[blocks.count] }

  func read(at offset: UInt64, into buffer: inout MutableRawSpan) -> Int {
    if offset < starts[min(current, blocks.count)] { current = 0 }
    var done = 0
    while done < buffer.byteCount {
      let place = offset + UInt64(done)
      while current < blocks.count, starts[current + 1] <= place { current += 1 }
      guard current < blocks.count else { break }
      let first = Int(place - starts[current])
      let count = min(buffer.byteCount - done, blocks[current].count - first)
      let block = blocks[current]
      buffer.setOctets(block.span.octets.extracting(first..<first + count), at: done)
      done += count
    }
    return done
  }
}
