/// Lines of a source, one at a time.
struct LineSource: ~Copyable {
  private let source: any ByteSource
  private var chunk = OctetBuffer()
  private var place = 0
  private var offset: UInt64 = 0
  private var isAtEnd = false
  /// The number of the line read last, from 1.
  private(set) var number = 0

  init(_ source: any ByteSource) { self.source = source }

  /// Reads the next line into `line`, without its end; false when there is none.
  mutating func next(into line: inout OctetBuffer) throws(TraceTextError) -> Bool {
    line.removeAll()
    number += 1
    while true {
      if place == chunk.count {
        try fill()
        if isAtEnd { return line.count > 0 }
      }
      let end = chunk.bytes.firstPlace(of: 0x0a, from: place)
      line.append(chunk, place..<(end ?? chunk.count))
      place = (end ?? chunk.count - 1) + 1
      guard line.count <= TraceLimits.line else { throw error(.shorter) }
      if end != nil {
        if line.count > 0, line.octet(at: line.count - 1) == 0x0d {
          line.resize(to: line.count - 1)
        }
        return true
      }
    }
  }

  private func error(_ expected: TraceTextExpectation) -> TraceTextError {
    TraceTextError(line: number, column: 1, expected: expected)
  }

  private mutating func fill() throws(TraceTextError) {
    guard !isAtEnd else { return }
    chunk.removeAll()
    chunk.extend(by: 64 << 10)
    let got: Int
    do throws(TransferError) { got = try Self.read(source, at: offset, into: &chunk) } catch {
      chunk.removeAll()
      throw self.error(.readableFile(error))
    }
    chunk.resize(to: got)
    offset += UInt64(got)
    place = 0
    isAtEnd = got == 0
  }

  private static func read(
    _ source: any ByteSource, at offset: UInt64, into chunk: inout OctetBuffer
  ) throws(TransferError) -> Int {
    let room = chunk.count
    var octets = chunk.mutableBytes
    return min(try source.read(at: offset, into: &octets), room)
  }
}
