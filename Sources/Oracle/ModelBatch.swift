import Netif

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
    /// How what lies behind the first octets is mapped, if it is.
    fileprivate let mapping: TxModel.Mapping?
    /// The slots that are copied whole.
    fileprivate let headers: Range<Int>
    /// Those behind them.
    fileprivate let held: Range<Int>
  }

  private(set) var packets: [Packet] = []
  private var pieces: [ModelPiece] = []

  /// Takes a packet, and looks at the pages that are copied from.
  ///
  /// - Parameters:
  ///   - page: the octets of a page that the guest lets the backend read.
  ///   - mapping: how what lies behind the first octets is mapped, if it is, with `map`.
  ///   - answers: given to slots that bring nothing.
  mutating func add(
    _ packet: ModelPacket, verdict: Int, page: TxModel.Pages, mapping: TxModel.Mapping?,
    answers: inout [ModelAnswer]
  ) {
    let first = pieces.count
    var linear = ModelDelivery.linear(packet)
    for place in packet.parts.indices {
      let (part, answer) = (packet.parts[place], packet.answer(place, .okay))
      guard linear > 0 || part.octets > 0 else {
        answers.append(answer)
        continue
      }
      pieces.append(
        ModelPiece(answer, part, linear: linear, isMapped: mapping != nil, page))
      linear -= min(linear, part.octets)
    }
    // Those that are copied whole stand before those of which something is mapped.
    let boundary = pieces[first...].firstIndex { $0.isHeld } ?? pieces.endIndex
    packets.append(
      Packet(
        verdict: verdict, isBlank: packet.flags.contains(.checksumBlank),
        isCut: packet.segmentation != nil, mapping: mapping, headers: first..<boundary,
        held: boundary..<pieces.endIndex))
  }

  /// Maps what comes by operations of its own, packet by packet.
  mutating func map() {
    for packet in packets {
      guard let mapping = packet.mapping else { continue }
      guard !mapping.isLate || !delivery(of: packet).copyFailed else { continue }
      map(packet.held, mapping.page)
    }
  }

  /// Where the pages of a packet cannot be mapped together and each alone can, none is.
  private mutating func map(_ held: Range<Int>, _ page: TxModel.Pages) {
    guard !areMapped(held, page), areMapped(held, page) else { return }
    for place in held { pieces[place].failMap() }
  }

  private mutating func areMapped(_ held: Range<Int>, _ page: TxModel.Pages) -> Bool {
    for place in held { pieces[place].map(page) }
    return !pieces[held].contains { $0.mapped.isRefused }
  }

  /// How a packet's octets come.
  func delivery(of packet: Packet) -> ModelDelivery {
    ModelDelivery(
      headers: pieces[packet.headers], held: pieces[packet.held],
      isLate: packet.mapping?.isLate ?? false)
  }

  /// Forgets all packets.
  mutating func forget() {
    packets.removeAll(keepingCapacity: true)
    pieces.removeAll(keepingCapacity: true)
  }
}
