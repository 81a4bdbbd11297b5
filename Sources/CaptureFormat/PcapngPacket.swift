/// What packets come from.
struct PcapngInterface {
  /// What its packets begin with; C constants `LINKTYPE_*`.
  enum Link: UInt16 {
    case ethernet = 1
    /// For private use.
    case user0 = 147
  }

  var name: String
  var description: String
  var link: Link
}

/// A packet as a pcapng file has it.
struct PcapngPacket {
  /// What is known of a packet beside its octets.
  struct Flags: OptionSet {
    let rawValue: UInt32
    static let inbound = Flags(rawValue: 1)
    static let outbound = Flags(rawValue: 2)
    /// The transport checksum is still to be filled in.
    static let checksumNotReady = Flags(rawValue: 1 << 9)
    static let checksumValid = Flags(rawValue: 1 << 10)
    /// It is still to be cut into segments.
    static let segmentationOffloaded = Flags(rawValue: 1 << 11)
  }

  var interface: UInt32
  /// Since 1970.
  var nanoseconds: UInt64
  var octets: [UInt8]
  /// Octets of the whole packet, of which `octets` may be the first.
  var length: UInt32
  var flags: Flags = []
  var identity: UInt64
  var queue: UInt32
  var comment: [UInt8] = []
}
