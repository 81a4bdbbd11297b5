import Netif
import XenInterface

/// The accepted packets of a batch. The next one finds their room.
struct ModelBatch {
  /// A packet.
  struct Packet {
    /// The place of its verdict.
    let verdict: Int
    /// Whether the guest left its checksum blank.
    let isBlank: Bool
    /// Whether it is to be cut.
    let isCut: Bool
    fileprivate let pieces: Range<Int>
  }

  private(set) var packets: [Packet] = []
  private var pieces: [ModelPiece] = []

  /// Takes a packet, and looks at its pages.
  ///
  /// - Parameters:
  ///   - page: the octets of a page that the guest lets the backend read.
  ///   - answers: given to slots that bring nothing.
  mutating func add(
    _ packet: ModelPacket, verdict: Int, page: TxModel.Pages, answers: inout [ModelAnswer]
  ) {
    let first = pieces.count
    var linear = ModelDelivery.linear(packet)
    for place in packet.parts.indices {
      let (part, answer) = (packet.parts[place], packet.answer(place, .okay))
      guard linear > 0 || part.octets > 0 else {
        answers.append(answer)
        continue
      }
      let octets = page(part.request.grant.rawValue)
      pieces.append(ModelPiece(answer, part, linear: linear, page: octets))
      linear -= min(linear, part.octets)
    }
    packets.append(
      Packet(
        verdict: verdict, isBlank: packet.flags.contains(.checksumBlank),
        isCut: packet.segmentation != nil, pieces: first..<pieces.count))
  }

  /// How a packet's octets come. Those that are copied whole stand before those of which something is mapped.
  func delivery(of packet: Packet) -> ModelDelivery {
    let pieces = pieces[packet.pieces]
    let boundary = pieces.firstIndex { $0.mapped.isAsked } ?? pieces.endIndex
    return ModelDelivery(headers: pieces[..<boundary], held: pieces[boundary...])
  }

  /// Forgets all packets.
  mutating func forget() {
    packets.removeAll(keepingCapacity: true)
    pieces.removeAll(keepingCapacity: true)
  }
}
