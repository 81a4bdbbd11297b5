internal import CPcap

/// Reads frames out of a savefile of libpcap's, with nanoseconds.
public final class SavefileReader {
  private let pcap: PcapHandle

  /// Opens a savefile of Ethernet frames; `-` is standard input.
  public init(path: String) throws(CaptureError) {
    pcap = try unsafe PcapHandle { (library) throws(CaptureError) in
      let opened = unsafe PcapHandle.discardingMessage {
        unsafe library.pointee.open_offline_with_tstamp_precision(
          path, UInt32(PCAP_TSTAMP_PRECISION_NANO), $0)
      }
      guard let handle = unsafe opened else { throw .notSavefile }
      guard unsafe library.pointee.datalink(handle) == DLT_EN10MB else {
        unsafe library.pointee.close(handle)
        throw .notSavefile
      }
      return unsafe handle
    }
  }

  /// Takes the next frame; `nil` at the end.
  public func nextFrame() throws(CaptureError) -> CapturedFrame? {
    switch pcap.next(fraction: 1) {
    case .frame(let frame): frame
    case .nothing, .end: nil
    case .failed: throw .truncated
    }
  }
}
