import CLinux
import FoundationEssentials
import Glibc
public import Netfront
import Netif
import PacketCapture
public import RingCases
import XenInterface
import XenRing

/// The kernel's xen-netback as the backend that cases are put to.
///
/// Its frames are heard on its interfaces by one packet socket; what the interface has counted says
/// how many must come. A vif that was disabled has lost its carrier.
public final class KernelCaseBackend: CaseBackend {
  /// Octets of the largest frame, and some.
  private static let room = 1 << 17
  /// What Linux lets an interface of netback's carry at most, without the Ethernet header.
  private static let mostOctets = 65_517
  /// How often missing frames, or room for frames, are waited for, a millisecond each time.
  private static let mostWaits = 500

  private let socket: Int32
  private var interface: UInt32 = 0
  private var frame = [UInt8](repeating: 0, count: room)
  private var taken = 0
  /// What frames for the guest go through; `nil` until there are some.
  private var link: FrameLink?

  /// - Throws: `CaseError.capture` without the right to open a packet socket.
  public init() throws(CaseError) {
    socket = linux_packets_open()
    guard socket >= 0 else { throw .capture("no packet socket (error \(errno))") }
  }

  deinit { close(socket) }

  /// See `CaseBackend`.
  public func added(_ path: VifPath) {}

  /// See `CaseBackend`.
  public func connected(_ path: VifPath) throws(CaseError) {
    let name = Self.name(of: path)
    interface = unsafe name.withCString {
      // SAFETY: a C string that the call only reads.
      unsafe linux_interface_up($0)
    }
    guard interface > 0 else { throw .capture("\(name) cannot be set up") }
    while nextFrame() != nil {}
    // An interface that was there before has counted before.
    taken = value("statistics/rx_packets", of: path) ?? 0
    link = nil
  }

  /// See `CaseBackend`.
  public func removed(_ path: VifPath) {}

  /// See `CaseBackend`.
  public func isDisabled(_ path: VifPath) -> Bool { value("carrier", of: path) == 0 }

  /// See `CaseBackend`.
  public func takeFrames(of path: VifPath) throws(CaseError) -> [FrameDigest] {
    var frames: [FrameDigest] = []
    for _ in 0..<Self.mostWaits {
      while let frame = nextFrame() { frames.append(frame) }
      let counted = value("statistics/rx_packets", of: path) ?? 0
      if taken + frames.count == counted {
        taken = counted
        return frames
      }
      usleep(1000)
    }
    throw .capture("\(taken + frames.count) frames heard, others counted")
  }

  /// See `CaseBackend`.
  public func send(_ frames: [NetworkFrame], to path: VifPath) throws(CaseError) {
    let link = try link(to: path)
    var waits = Self.mostWaits
    for frame in frames {
      var header: [UInt8] = []
      VnetHeader(frame).append(to: &header)
      let bounds = [0, UInt32(frame.octets.count)]
      // The interface has no room while the kernel's thread is at the frames before. Of a case that
      // gives it too many, what does not fit is lost.
      while link.send(headers: header, bounds: bounds, octets: frame.octets.span.octets) == 0,
        waits > 0
      {
        waits -= 1
        usleep(1000)
      }
    }
  }

  /// A link to the vif's interface, which takes long frames where the guest does.
  private func link(to path: VifPath) throws(CaseError) -> FrameLink {
    if let link { return link }
    // Refused for a guest that takes frames of one slot only.
    try? Data("\(Self.mostOctets)".utf8).write(to: Self.file("mtu", of: path))
    do throws(CaptureError) {
      let made = try FrameLink(interface: Self.name(of: path))
      link = made
      return made
    } catch { throw .capture("\(error)") }
  }

  /// The next frame that came in on the vif's interface.
  private func nextFrame() -> FrameDigest? {
    while true {
      var heard: UInt32 = 0
      // SAFETY: the call writes at most `room` octets of the array, and one number.
      let length = unsafe frame.withUnsafeMutableBytes { buffer in
        guard let start = buffer.baseAddress else { return Int64(-1) }
        return unsafe linux_packets_take(socket, start, UInt64(buffer.count), &heard)
      }
      guard length >= 0 else { return nil }
      guard heard == interface else { continue }
      return unsafe frame.withUnsafeBytes { buffer in
        // SAFETY: that many octets were written.
        unsafe FrameDigest(buffer.bytes.extracting(first: min(Int(length), Self.room)))
      }
    }
  }

  private static func name(of path: VifPath) -> String {
    VifPlace(domain: path.frontendDomain, handle: path.handle).description
  }

  /// A number that the kernel shows of the vif's interface.
  private func value(_ name: String, of path: VifPath) -> Int? {
    let text = try? Data(contentsOf: Self.file(name, of: path))
    return text.flatMap { Int(String(decoding: $0.prefix { $0 != 10 }, as: UTF8.self)) }
  }

  private static func file(_ name: String, of path: VifPath) -> URL {
    URL(filePath: "/sys/class/net/\(Self.name(of: path))/\(name)")
  }
}

extension VnetHeader {
  /// What a host is told of a frame that it is given.
  fileprivate init(_ frame: NetworkFrame) {
    self.init()
    guard frame.offload.checksum == .partial else { return }
    flags = .needsChecksum
    checksumStart = UInt16(clamping: frame.transportStart)
    checksumOffset = UInt16(clamping: frame.checksumOffset)
    guard let segmentation = frame.offload.segmentation else { return }
    segments = segmentation.type == Segmentation.tcpv4 ? .tcpv4 : .tcpv6
    segmentSize = segmentation.size
    headerLength = UInt16(clamping: frame.headerLength)
  }
}
