import XenRing

/// Blocks of a pcapng file (draft-ietf-opsawg-pcapng) that wait to be written, little-endian.
///
/// A block has its length at both ends and is filled up to a multiple of four octets.
struct PcapngBlocks {
  /// What a block is; C constants `BLOCK_TYPE_*` of Wireshark's.
  private enum Kind: UInt32 {
    case section = 0x0a0d_0d0a
    case interface = 1
    case packet = 6
    /// One whose data anybody may copy.
    case custom = 0x0bad
  }

  /// Numbers of options. The same one means something else in another block.
  private enum Option {
    static let end: UInt16 = 0
    static let comment: UInt16 = 1
    static let sectionApplication: UInt16 = 4
    static let interfaceName: UInt16 = 2
    static let interfaceDescription: UInt16 = 3
    /// A negative power of ten.
    static let interfaceTimeUnit: UInt16 = 9
    static let packetFlags: UInt16 = 2
    static let packetIdentity: UInt16 = 5
    static let packetQueue: UInt16 = 6
  }

  /// Octets of an option at most.
  static let longestOption = Int(UInt16.max)
  /// Octets kept of a packet at most: Wireshark reads no longer ones.
  static let longestPacket = 262_144

  /// What was appended and not removed yet.
  private(set) var octets: [UInt8] = []

  /// Forgets what was written.
  mutating func removeAll() { octets.removeAll(keepingCapacity: true) }

  /// Begins the section that the file consists of.
  mutating func appendSection(application: String, comment: String) {
    append(.section) { octets in
      octets.append(littleEndian: UInt32(0x1a2b_3c4d))
      octets.append(littleEndian: UInt16(1))
      octets.append(littleEndian: UInt16(0))
      // How long the section is is not known.
      octets.append(littleEndian: Int64(-1))
      Self.append(Option.sectionApplication, Array(application.utf8), to: &octets)
      if !comment.isEmpty { Self.append(Option.comment, Array(comment.utf8), to: &octets) }
      Self.append(Option.end, [], to: &octets)
    }
  }

  /// Says what the next interface number stands for.
  mutating func appendInterface(_ interface: PcapngInterface) {
    append(.interface) { octets in
      octets.append(littleEndian: interface.link.rawValue)
      octets.append(littleEndian: UInt16(0))
      // Packets have no bound that all keep to: each says how much of it is there.
      octets.append(littleEndian: UInt32(0))
      Self.append(Option.interfaceName, Array(interface.name.utf8), to: &octets)
      Self.append(Option.interfaceDescription, Array(interface.description.utf8), to: &octets)
      Self.append(Option.interfaceTimeUnit, [9], to: &octets)
      Self.append(Option.end, [], to: &octets)
    }
  }

  /// Appends a packet, cut to what Wireshark reads.
  mutating func appendPacket(_ packet: PcapngPacket) {
    append(.packet) { octets in
      let kept = packet.octets.prefix(Self.longestPacket)
      octets.append(littleEndian: packet.interface)
      octets.append(littleEndian: UInt32(truncatingIfNeeded: packet.nanoseconds >> 32))
      octets.append(littleEndian: UInt32(truncatingIfNeeded: packet.nanoseconds))
      octets.append(littleEndian: UInt32(kept.count))
      octets.append(littleEndian: max(packet.length, UInt32(clamping: packet.octets.count)))
      octets += kept
      octets.pad()
      if !packet.flags.isEmpty {
        Self.append(Option.packetFlags, packet.flags.rawValue, to: &octets)
      }
      Self.append(Option.packetIdentity, packet.identity, to: &octets)
      Self.append(Option.packetQueue, packet.queue, to: &octets)
      if !packet.comment.isEmpty { Self.append(Option.comment, packet.comment, to: &octets) }
      Self.append(Option.end, [], to: &octets)
    }
  }

  /// Appends a block of our own.
  mutating func appendCustom(_ data: [UInt8], enterprise: UInt32) {
    append(.custom) { octets in
      octets.append(littleEndian: enterprise)
      octets += data
    }
  }

  private mutating func append(_ kind: Kind, _ body: (inout [UInt8]) -> Void) {
    let start = octets.count
    octets.append(littleEndian: kind.rawValue)
    octets.append(littleEndian: UInt32(0))
    body(&octets)
    octets.pad()
    let length = UInt32(clamping: octets.count - start + 4)
    octets.append(littleEndian: length)
    octets.set(littleEndian: length, at: start + 4)
  }

  private static func append(_ option: UInt16, _ value: [UInt8], to octets: inout [UInt8]) {
    let value = value.prefix(longestOption)
    octets.append(littleEndian: option)
    octets.append(littleEndian: UInt16(value.count))
    octets += value
    octets.pad()
  }

  private static func append(
    _ option: UInt16, _ value: some FixedWidthInteger, to octets: inout [UInt8]
  ) {
    var number: [UInt8] = []
    number.append(littleEndian: value)
    append(option, number, to: &octets)
  }
}
