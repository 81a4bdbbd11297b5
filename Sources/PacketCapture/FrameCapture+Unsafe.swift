internal import CPcap
internal import Glibc

/// Frames from and to a live interface. Taking one never blocks.
public final class FrameCapture {
  /// Which frames are taken.
  public enum Direction: Sendable { case incoming, outgoing, both }

  /// What was lost.
  public struct Losses: Hashable, Sendable {
    /// Frames that found no room.
    public var dropped: Int
    /// Frames that the interface itself dropped.
    public var droppedByInterface: Int
  }

  private let pcap: PcapHandle

  /// Opens an interface with immediate delivery and whole frames.
  public init(
    interface: String, direction: Direction = .incoming, snapLength: Int = 65_535,
    promiscuous: Bool = true
  ) throws(CaptureError) {
    pcap = try unsafe PcapHandle { (library) throws(CaptureError) in
      let opened = unsafe PcapHandle.discardingMessage {
        unsafe library.pointee.create(interface, $0)
      }
      guard let handle = unsafe opened else { throw .system(errno) }
      // SAFETY: the functions of libpcap on the handle that it just made, before anything else.
      unsafe _ = library.pointee.set_snaplen(handle, Int32(clamping: snapLength))
      unsafe _ = library.pointee.set_promisc(handle, promiscuous ? 1 : 0)
      unsafe _ = library.pointee.set_immediate_mode(handle, 1)
      unsafe _ = library.pointee.set_buffer_size(handle, 16 << 20)
      let code = unsafe library.pointee.activate(handle)
      guard code >= 0 else {
        unsafe library.pointee.close(handle)
        throw Self.error(code)
      }
      return unsafe handle
    }
    let way: pcap_direction_t =
      switch direction {
      case .incoming: PCAP_D_IN
      case .outgoing: PCAP_D_OUT
      case .both: PCAP_D_INOUT
      }
    _ = unsafe pcap.library.pointee.setdirection(pcap.handle, way)
    _ = unsafe PcapHandle.discardingMessage {
      unsafe pcap.library.pointee.setnonblock(pcap.handle, 1, $0)
    }
  }

  private static func error(_ code: Int32) -> CaptureError {
    switch code {
    case PCAP_ERROR_NO_SUCH_DEVICE: .noInterface
    case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED: .permissionDenied
    case PCAP_ERROR_IFACE_NOT_UP: .interfaceDown
    default: .library(code)
    }
  }

  /// Readable while a frame is waiting; for a loop to wait on.
  public var descriptor: Int32 {
    unsafe pcap.library.pointee.get_selectable_fd(pcap.handle)
  }

  /// Takes the next frame; `nil` when none is waiting.
  public func nextFrame() throws(CaptureError) -> CapturedFrame? {
    switch pcap.next(fraction: 1_000) {
    case .frame(let frame): frame
    case .nothing, .end: nil
    case .failed: throw .interfaceDown
    }
  }

  /// Sends a frame out of the interface.
  public func inject(_ frame: RawSpan) throws(CaptureError) {
    let sent = unsafe frame.withUnsafeBytes { octets in
      // SAFETY: libpcap reads the octets during the call only.
      guard let start = octets.baseAddress else { return Int32(0) }
      return unsafe pcap.library.pointee.inject(pcap.handle, start, octets.count)
    }
    guard sent == frame.byteCount else { throw .system(errno) }
  }

  /// What was lost since the interface was opened.
  public var losses: Losses {
    var counters = pcap_stat()
    _ = unsafe pcap.library.pointee.stats(pcap.handle, &counters)
    return Losses(
      dropped: Int(counters.ps_drop), droppedByInterface: Int(counters.ps_ifdrop))
  }
}
