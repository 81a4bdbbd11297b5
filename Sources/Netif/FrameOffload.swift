/// What is known of a frame's transport checksum.
public enum ChecksumState: UInt8, Sendable, BitwiseCopyable {
  /// Nothing: it stands in the frame and nobody checked it.
  case unknown = 0
  /// Left blank but for the pseudo header; whoever sends the frame out fills it in.
  case partial = 1
  /// Checked by the sender.
  case verified = 2
}

/// A frame that is still to be cut into segments.
public struct Segmentation: Hashable, Sendable, BitwiseCopyable {
  /// Octets of payload per segment.
  public var size: UInt16
  /// C constants `XEN_NETIF_GSO_TYPE_*`: 1 is TCP over IPv4, 2 is TCP over IPv6.
  public var type: UInt8

  /// Describes a frame that is still to be cut.
  public init(size: UInt16, type: UInt8) {
    self.size = size
    self.type = type
  }

  /// TCP over IPv4.
  public static var tcpv4: UInt8 { 1 }
  /// TCP over IPv6.
  public static var tcpv6: UInt8 { 2 }
}

/// A flow hash that came with a frame.
public struct FlowHash: Hashable, Sendable, BitwiseCopyable {
  /// The value.
  public var value: UInt32
  /// Bit number of the hash type: 0 IPv4, 1 IPv4 and TCP, 2 IPv6, 3 IPv6 and TCP.
  public var type: UInt8

  /// The one algorithm there is (C: `XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ`).
  public static var toeplitz: UInt8 { 1 }

  /// Describes a flow hash.
  public init(value: UInt32, type: UInt8) {
    self.value = value
    self.type = type
  }
}

/// What travels beside a frame's octets.
public struct FrameOffload: Hashable, Sendable, BitwiseCopyable {
  /// The transport checksum.
  public var checksum: ChecksumState
  /// Set when the frame is larger than the wire takes.
  public var segmentation: Segmentation?
  /// Set when the sender gave a hash.
  public var hash: FlowHash?

  /// Describes a frame; a plain one by default.
  public init(
    checksum: ChecksumState = .unknown, segmentation: Segmentation? = nil, hash: FlowHash? = nil
  ) {
    self.checksum = checksum
    self.segmentation = segmentation
    self.hash = hash
  }
}
