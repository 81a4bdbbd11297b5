internal import CZlib

extension FrameDigest {
  /// Digests a frame's octets.
  public init(_ octets: RawSpan) {
    let checksum = unsafe octets.withUnsafeBytes { buffer in
      // SAFETY: zlib reads as many octets as it is told, all of them in the span.
      let bound = unsafe buffer.bindMemory(to: UInt8.self)
      return unsafe crc32_z(0, bound.baseAddress, bound.count)
    }
    self.init(
      length: UInt32(octets.byteCount), checksum: UInt32(truncatingIfNeeded: checksum))
  }
}
