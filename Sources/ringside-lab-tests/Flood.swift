import Glibc
import PacketCapture
import XenHost
import XenInterface
import XenRing

/// Frames as fast as an interface takes them, for measurements: to everybody, of a protocol that
/// nobody answers, or TCP still to be cut where one is longer than an interface's frames.
struct Flood {
  private static let batch = 32
  private static let longest = 65_535

  private let interface: String
  private let frame: [UInt8]
  private let header: VnetHeader
  private let seconds: UInt64

  /// Reads `INTERFACE OCTETS SECONDS`.
  init?(_ arguments: ArraySlice<String>) {
    let words = Array(arguments)
    guard words.count == 3, let octets = Int(words[1]), 60...Self.longest ~= octets,
      let seconds = UInt64(words[2])
    else { return nil }
    (interface, self.seconds) = (words[0], seconds)
    let isCut = octets <= 1514
    header = isCut ? VnetHeader() : Self.segmented
    frame = isCut ? Self.plain(octets) : Self.tcp(octets)
  }

  /// Sends until the time is over.
  ///
  /// - Returns: how many frames the interface took.
  func run() throws(CaptureError) -> Int {
    let link = try FrameLink(interface: interface)
    var headers: [UInt8] = []
    var bounds: [UInt32] = []
    for _ in 0..<Self.batch {
      header.append(to: &headers)
      bounds += [0, UInt32(frame.count)]
    }
    let loop = HostLoop()
    let end = loop.now.advanced(by: seconds * 1_000_000_000)
    var sent = 0
    while loop.now < end {
      let taken = link.send(headers: headers, bounds: bounds, octets: frame.span.octets)
      sent += taken
      // A full ring is emptied by others, who may need this processor.
      if taken < Self.batch { usleep(100) }
    }
    return sent
  }

  private static var segmented: VnetHeader {
    var header = VnetHeader()
    header.flags = .needsChecksum
    header.segments = .tcpv4
    header.headerLength = 54
    header.segmentSize = 1448
    header.checksumStart = 34
    header.checksumOffset = 16
    return header
  }

  private static let addresses: [UInt8] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0x52, 0x53, 0x52, 0x53, 2,
  ]

  private static func plain(_ octets: Int) -> [UInt8] {
    let head = addresses + [0x88, 0xb5]
    return head + [UInt8](repeating: 0x52, count: octets - head.count)
  }

  /// A segment from nobody to nobody; its checksum over IPv4 is right, that of TCP is blank.
  private static func tcp(_ octets: Int) -> [UInt8] {
    let length = UInt16(octets - 14)
    var datagram: [UInt8] = [
      0x45, 0, UInt8(length >> 8), UInt8(truncatingIfNeeded: length), 0, 1, 0, 0, 64, 6, 0, 0,
      10, 99, 0, 2, 10, 99, 0, 1,
    ]
    let sum = stride(from: 0, to: datagram.count, by: 2).reduce(UInt32(0)) {
      $0 + UInt32(datagram[$1]) << 8 + UInt32(datagram[$1 + 1])
    }
    let folded = ~UInt16(truncatingIfNeeded: sum + sum >> 16)
    datagram[10] = UInt8(folded >> 8)
    datagram[11] = UInt8(truncatingIfNeeded: folded)
    datagram += [0x10, 0, 0x20, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10, 0x10, 0, 0, 0, 0, 0]
    let head = addresses + [8, 0] + datagram
    return head + [UInt8](repeating: 0x52, count: octets - head.count)
  }
}
