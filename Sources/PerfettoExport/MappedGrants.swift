/// Mappings that a trace saw begin and not end, and the packets that they are of.
struct MappedGrants {
  /// Mappings that are followed; more are not counted.
  private static let most = 1 << 14

  private var packets: [UInt32: RequestTable.Packet?] = [:]

  /// How many there are.
  var count: UInt32 { UInt32(packets.count) }

  /// A mapping begins.
  mutating func begin(_ handle: UInt32, of packet: RequestTable.Packet?) {
    if packets.count < Self.most || packets[handle] != nil {
      packets.updateValue(packet, forKey: handle)
    }
  }

  /// A mapping ends.
  ///
  /// - Returns: the packet that it was of.
  mutating func end(_ handle: UInt32) -> RequestTable.Packet? {
    packets.removeValue(forKey: handle) ?? nil
  }
}
