import Netif
import TraceFormat

/// What a poll has brought of one packet.
struct KnownPacket {
  /// An event with a part of its memory.
  struct Piece {
    /// The event's number.
    var number: UInt64
    /// Where its octets begin in the packet.
    var position: Int
  }

  /// The first request; nil where it was not seen.
  let request: TxRequest?
  var pieces: [Piece] = []
  /// Numbers of the frames that became of it: one, or none.
  var frames: [UInt64] = []

  init(_ request: TxRequest?) { self.request = request }

  /// Whether the guest leaves the checksum to be filled in.
  var isPartial: Bool { request?.flags.contains(.checksumBlank) ?? false }
}

/// The memory of a packet, put together from its beginning on.
struct PacketMemory {
  private(set) var octets: [UInt8] = []
  /// The pieces that it is made of.
  private(set) var placed: [KnownPacket.Piece] = []
  /// Pieces behind what is missing, and such as say something else of octets that are there already.
  private(set) var loose: [KnownPacket.Piece] = []

  init(_ pieces: [KnownPacket.Piece], _ line: EventLine) {
    for piece in pieces.sorted(by: { $0.position < $1.position }) {
      take(piece, line[piece.number].payload)
    }
  }

  private mutating func take(_ piece: KnownPacket.Piece, _ content: [UInt8]) {
    guard piece.position <= octets.count else { return loose.append(piece) }
    let known = octets[piece.position...].prefix(content.count)
    guard known.elementsEqual(content.prefix(known.count)) else { return loose.append(piece) }
    octets += content.dropFirst(known.count)
    placed.append(piece)
  }
}
