extension FrameParser {
  /// Takes what an IP packet carries.
  mutating func takeTransport(_ packet: Transport) {
    switch packet.type {
    case 1: takeICMP(packet)
    case 6: takeTCP(packet)
    case 17: takeUDP(packet)
    case 58: takeICMPv6(packet)
    default: takePayload(at: packet.start, end: packet.end)
    }
  }

  private mutating func takeTCP(_ packet: Transport) {
    let start = packet.start
    let end = start + max(20, (octet(at: start + 12) ?? 0) / 16 * 4)
    layout.extendHeaders(to: end)
    add(checksumAt: 16, of: packet, isTransport: true)
    takeOptions(from: start + 20, to: end, .tcp)
    takePayload(at: end, end: packet.end)
  }

  private mutating func takeUDP(_ packet: Transport) {
    var packet = packet
    if let size = word(at: packet.start + 4), 8...max(8, packet.end - packet.start) ~= size {
      packet.end = packet.start + size
    }
    layout.extendHeaders(to: packet.start + 8)
    add(checksumAt: 6, of: packet, isTransport: true, isOptional: true)
    takePayload(at: packet.start + 8, end: packet.end)
  }

  /// Of a redirect, the gateway is an address.
  private mutating func takeICMP(_ packet: Transport) {
    var packet = packet
    packet.addresses = 0..<0
    add(checksumAt: 2, of: packet)
    if octet(at: packet.start) == 5 { layout.add(.ipv4, (packet.start + 4)..<(packet.start + 8)) }
    takePayload(at: packet.start + 8, end: packet.end)
  }

  /// Neighbour discovery and listener reports have addresses, and most of them options.
  private mutating func takeICMPv6(_ packet: Transport) {
    add(checksumAt: 2, of: packet)
    let (times, addresses, hasOptions) =
      switch octet(at: packet.start) {
      case 130, 131, 132: (0, 1, false)
      case 133: (0, 0, true)
      case 134: (8, 0, true)
      case 135, 136: (0, 1, true)
      case 137: (0, 2, true)
      default: (0, 0, false)
      }
    var place = packet.start + 8 + times
    for _ in 0..<addresses {
      layout.add(.ipv6, place..<(place + 16))
      place += 16
    }
    if hasOptions {
      takeOptions(from: place, to: packet.end, .neighbour)
      place = max(place, packet.end)
    }
    takePayload(at: place, end: packet.end)
  }

  private mutating func add(
    checksumAt offset: Int, of packet: Transport, isTransport: Bool = false,
    isOptional: Bool = false
  ) {
    // Over several frames none can be kept.
    guard !packet.isFragment, packet.end > packet.start else { return }
    layout.add(
      FrameLayout.Checksum(
        place: packet.start + offset, covered: packet.start..<packet.end,
        addresses: packet.addresses, isTransport: isTransport, isOptional: isOptional))
  }
}
