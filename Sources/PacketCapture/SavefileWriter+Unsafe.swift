internal import CPcap
internal import Glibc

/// Writes Ethernet frames into a savefile of libpcap's, with nanoseconds. It is closed with the
/// object; `flush()` says whether all could be written.
@safe public final class SavefileWriter {
  private let pcap: PcapHandle
  // SAFETY: opened in `init`, closed in `deinit`.
  private let dumper: OpaquePointer

  /// Makes a savefile; `-` is standard output.
  public init(path: String, snapLength: Int = 65_535) throws(CaptureError) {
    pcap = try unsafe PcapHandle { (library) throws(CaptureError) in
      guard
        let handle = unsafe library.pointee.open_dead_with_tstamp_precision(
          DLT_EN10MB, Int32(clamping: snapLength), UInt32(PCAP_TSTAMP_PRECISION_NANO))
      else { throw .system(errno) }
      return unsafe handle
    }
    guard let dumper = unsafe pcap.library.pointee.dump_open(pcap.handle, path) else {
      throw .system(errno)
    }
    unsafe self.dumper = dumper
  }

  deinit { unsafe pcap.library.pointee.dump_close(dumper) }

  /// Appends a frame.
  public func write(_ frame: CapturedFrame) {
    var header = pcap_pkthdr()
    header.ts.tv_sec = Int(clamping: frame.nanoseconds / 1_000_000_000)
    header.ts.tv_usec = Int(frame.nanoseconds % 1_000_000_000)
    header.caplen = UInt32(clamping: frame.octets.count)
    header.len = UInt32(clamping: frame.originalLength)
    // SAFETY: libpcap takes its own dumper back under another type, and reads `caplen` octets.
    unsafe frame.octets.withUnsafeBufferPointer { octets in
      guard let start = octets.baseAddress else { return }
      unsafe pcap.library.pointee.dump(UnsafeMutablePointer(dumper), &header, start)
    }
  }

  /// Writes out what is still held back.
  public func flush() throws(CaptureError) {
    guard unsafe pcap.library.pointee.dump_flush(dumper) == 0 else { throw .system(errno) }
  }
}
