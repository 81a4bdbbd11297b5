internal import XenRing

/// What stands before a frame that crosses a tap device or a packet socket with its offloads
/// (C type `struct virtio_net_hdr`; the host's order of octets, which is little-endian).
public struct VnetHeader: Hashable, Sendable {
  /// Octets that it has.
  public static var octetCount: Int { 10 }

  /// What is said of the checksum.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8
    /// Takes the bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// It is blank but for the pseudo header (C: `VIRTIO_NET_HDR_F_NEEDS_CSUM`).
    public static var needsChecksum: Flags { Flags(rawValue: 1) }
    /// It was checked (C: `VIRTIO_NET_HDR_F_DATA_VALID`).
    public static var dataValid: Flags { Flags(rawValue: 2) }
  }

  /// How the frame is still to be cut; without the bit for congestion notification.
  public enum Segments: UInt8, Sendable {
    /// Not at all.
    case none = 0
    /// As TCP over IPv4 (C: `VIRTIO_NET_HDR_GSO_TCPV4`).
    case tcpv4 = 1
    /// As UDP fragments (C: `VIRTIO_NET_HDR_GSO_UDP`).
    case udp = 3
    /// As TCP over IPv6 (C: `VIRTIO_NET_HDR_GSO_TCPV6`).
    case tcpv6 = 4
  }

  private static var congestionBit: UInt8 { 0x80 }

  /// What is said of the checksum.
  public var flags: Flags = []
  /// How the frame is still to be cut.
  public var segments = Segments.none
  /// Octets of headers that every segment gets.
  public var headerLength: UInt16 = 0
  /// Octets of payload per segment.
  public var segmentSize: UInt16 = 0
  /// First octet that a blank checksum covers.
  public var checksumStart: UInt16 = 0
  /// Where the checksum stands, from there.
  public var checksumOffset: UInt16 = 0

  /// That of a plain frame.
  public init() {}

  /// Reads a header; nil when it is cut or names a way of cutting that is not known.
  public init?(_ octets: RawSpan) {
    guard octets.byteCount >= Self.octetCount,
      let segments = Segments(rawValue: octets.octet(at: 1) & ~Self.congestionBit)
    else { return nil }
    func word(_ place: Int) -> UInt16 {
      UInt16(octets.octet(at: place)) | UInt16(octets.octet(at: place + 1)) << 8
    }
    flags = Flags(rawValue: octets.octet(at: 0))
    self.segments = segments
    headerLength = word(2)
    segmentSize = word(4)
    checksumStart = word(6)
    checksumOffset = word(8)
  }

  /// Appends the header's octets.
  public func append(to octets: inout [UInt8]) {
    func append(_ word: UInt16) {
      octets.append(UInt8(truncatingIfNeeded: word))
      octets.append(UInt8(truncatingIfNeeded: word >> 8))
    }
    octets.append(flags.rawValue)
    octets.append(segments.rawValue)
    append(headerLength)
    append(segmentSize)
    append(checksumStart)
    append(checksumOffset)
  }
}
