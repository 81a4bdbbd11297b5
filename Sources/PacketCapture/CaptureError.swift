/// Why frames cannot be taken or given.
public enum CaptureError: Error, Hashable, Sendable {
  /// libpcap is not on this machine.
  case libraryMissing
  /// There is no such interface.
  case noInterface
  /// There is such an interface, but no tap device, or none of this kind.
  case otherDevice
  /// This user may not capture.
  case permissionDenied
  /// The interface is down, or went down or away.
  case interfaceDown
  /// libpcap refused; the payload is its code (C constants `PCAP_ERROR_*`).
  case library(Int32)
  /// The operating system refused; the payload is its error number.
  case system(Int32)
  /// The file is no savefile, or its link type is not Ethernet.
  case notSavefile
  /// The savefile ends inside a record; the frames before it are good.
  case truncated
}

/// A frame with the time at which it was seen.
public struct CapturedFrame: Hashable, Sendable {
  /// Its octets, as many as were kept.
  public var octets: [UInt8]
  /// Its length on the wire.
  public var originalLength: Int
  /// Nanoseconds since 1970.
  public var nanoseconds: UInt64

  /// Describes a frame that was kept whole.
  public init(octets: [UInt8], nanoseconds: UInt64) {
    self.octets = octets
    originalLength = octets.count
    self.nanoseconds = nanoseconds
  }

  init(octets: [UInt8], originalLength: Int, nanoseconds: UInt64) {
    self.octets = octets
    self.originalLength = originalLength
    self.nanoseconds = nanoseconds
  }
}
