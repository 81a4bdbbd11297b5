internal import CZlib

/// CRC-32 as zlib and PNG have it, continued from `seed`.
func checksum(_ octets: RawSpan, continuing seed: UInt32 = 0) -> UInt32 {
  guard octets.byteCount > 0 else { return seed }
  return unsafe octets.withUnsafeBytes { buffer in
    // SAFETY: zlib reads as many octets as it is told, all of them in the span.
    let bound = unsafe buffer.bindMemory(to: UInt8.self)
    return unsafe UInt32(
      truncatingIfNeeded: crc32_z(UInt(seed), bound.baseAddress, bound.count))
  }
}

/// Deflates whole buffers, raw (no zlib header). One stream, reused.
@safe final class Deflater {
  // zlib keeps a pointer back to the stream, so it stays at one address.
  private let stream: UnsafeMutablePointer<z_stream>
  private let readiness: Int32

  /// Makes a stream of a compression level, 0 to 9.
  init(level: Int32) {
    // SAFETY: an all-zero z_stream is what deflateInit2_ asks for.
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    readiness = unsafe deflateInit2_(
      stream, level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
  }

  deinit {
    // SAFETY: the stream was initialised, and deflateEnd takes one whose start failed too.
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Deflates all of `octets` and appends the result to `target`.
  func deflate(
    _ octets: borrowing OctetBuffer, into target: inout OctetBuffer
  ) throws(TraceWriteError) {
    guard readiness == Z_OK else { throw .compression(readiness) }
    let start = target.count
    // SAFETY: the stream is initialised.
    let bound = unsafe Int(deflateBound(stream, UInt(octets.count))) + 64
    target.extend(by: bound)
    let code = unsafe octets.bytes.withUnsafeBytes { source in
      var room = target.mutableBytes
      return unsafe room.withUnsafeMutableBytes { room in
        unsafe run(source, into: UnsafeMutableRawBufferPointer(rebasing: room[start...]))
      }
    }
    guard code == Z_STREAM_END else { throw .compression(code) }
    // SAFETY: as above.
    let unused = unsafe Int(stream.pointee.avail_out)
    target.resize(to: start + bound - unused)
  }

  private func run(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
  ) -> Int32 {
    // SAFETY: zlib reads avail_in octets and writes avail_out at most, within the two buffers. It
    // does not write through next_in; only its C type lacks the const.
    unsafe deflateReset(stream)
    unsafe stream.pointee.next_in = UnsafeMutablePointer(
      mutating: source.bindMemory(to: UInt8.self).baseAddress)
    unsafe stream.pointee.avail_in = UInt32(source.count)
    unsafe stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
    unsafe stream.pointee.avail_out = UInt32(room.count)
    return unsafe CZlib.deflate(stream, Z_FINISH)
  }
}

/// Inflates whole buffers, raw. One stream, reused.
@safe final class Inflater {
  // zlib keeps a pointer back to the stream, so it stays at one address.
  private let stream: UnsafeMutablePointer<z_stream>
  private let isReady: Bool

  init() {
    // SAFETY: an all-zero z_stream is what inflateInit2_ asks for.
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    isReady =
      unsafe inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  }

  deinit {
    // SAFETY: the stream was initialised, and inflateEnd takes one whose start failed too.
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Inflates a range of `octets` into `target`, which it fills exactly; false when it does not.
  func inflate(
    _ octets: borrowing OctetBuffer, _ range: Range<Int>, into target: inout OctetBuffer
  ) -> Bool {
    let isDone = isReady && inflateAll(octets, range, into: &target)
    if !isDone { target.removeAll() }
    return isDone
  }

  private func inflateAll(
    _ octets: borrowing OctetBuffer, _ range: Range<Int>, into target: inout OctetBuffer
  ) -> Bool {
    unsafe octets.bytes.extracting(range).withUnsafeBytes { source in
      var room = target.mutableBytes
      return unsafe room.withUnsafeMutableBytes { unsafe run(source, into: $0) }
    }
  }

  private func run(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
  ) -> Bool {
    // SAFETY: zlib reads avail_in octets and writes avail_out at most, within the two buffers. It
    // does not write through next_in; only its C type lacks the const.
    unsafe inflateReset(stream)
    unsafe stream.pointee.next_in = UnsafeMutablePointer(
      mutating: source.bindMemory(to: UInt8.self).baseAddress)
    unsafe stream.pointee.avail_in = UInt32(source.count)
    unsafe stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
    unsafe stream.pointee.avail_out = UInt32(room.count)
    let code = unsafe CZlib.inflate(stream, Z_FINISH)
    return unsafe code == Z_STREAM_END && stream.pointee.avail_in == 0
      && stream.pointee.avail_out == 0
  }
}
