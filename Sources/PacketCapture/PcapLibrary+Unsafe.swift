internal import CPcap

/// libpcap's functions and a handle of it, closed with the object.
@safe final class PcapHandle {
  // SAFETY: the table lives as long as the process; the handle is ours until `deinit` closes it.
  let library: UnsafePointer<pcap_library>
  let handle: OpaquePointer

  /// Takes what `open` returns, and owns it.
  init(
    _ open: (UnsafePointer<pcap_library>) throws(CaptureError) -> OpaquePointer
  ) throws(CaptureError) {
    guard let library = unsafe pcap_library_load() else { throw .libraryMissing }
    unsafe self.library = library
    unsafe handle = try open(library)
  }

  deinit { unsafe library.pointee.close(handle) }

  /// Runs `body` with room for libpcap's message, which is not kept.
  static func discardingMessage<Result>(
    _ body: (UnsafeMutablePointer<CChar>) -> Result
  ) -> Result {
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    // SAFETY: `body` gets as much room as libpcap asks for, and does not keep it.
    return unsafe message.withUnsafeMutableBufferPointer { room in
      guard let start = room.baseAddress else { preconditionFailure("room without octets") }
      return unsafe body(start)
    }
  }

  /// What came of asking for a frame.
  enum Next {
    case frame(CapturedFrame)
    case nothing
    case end
    case failed(Int32)
  }

  /// Asks for the next frame. `fraction` is how many nanoseconds a unit of its time's fraction is.
  func next(fraction: UInt64) -> Next {
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var octets: UnsafePointer<UInt8>?
    switch unsafe library.pointee.next_ex(handle, &header, &octets) {
    case 0: return .nothing
    case -2: return .end
    case 1:
      // SAFETY: both are libpcap's and valid until its next call; the octets are copied here.
      guard let header = unsafe header?.pointee, let octets = unsafe octets else { return .nothing }
      let time =
        UInt64(clamping: header.ts.tv_sec) &* 1_000_000_000
        &+ UInt64(clamping: header.ts.tv_usec) &* fraction
      let copy = unsafe Array(UnsafeBufferPointer(start: octets, count: Int(header.caplen)))
      return .frame(
        CapturedFrame(octets: copy, originalLength: Int(header.len), nanoseconds: time))
    case let code: return .failed(code)
    }
  }
}
