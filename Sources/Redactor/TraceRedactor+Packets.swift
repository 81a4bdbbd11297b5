import Netif
import TraceFormat
import XenInterface
import XenRing

extension TraceRedactor {
  /// Settles what waits in a queue: the memory of each packet, and the frame that became of it.
  mutating func settle(_ name: Lane.Name) {
    guard let lane = lanes[name], !lane.parts.isEmpty else { return }
    lanes[name]?.parts.removeAll()
    var packets = lane.slots.packets
    var known: [RingIndex: KnownPacket] = [:]
    var copied: (operand: TraceEvent.GrantOperand, place: TxPackets.Place?)?
    for part in lane.parts {
      switch part {
      case .copy(let operand): copied = (operand, packets.copy(operand))
      case .octets(let number):
        // What a copy brought stands right behind it.
        let ofCopy = copied.flatMap {
          line[number].event.body.isMemory(of: $0.operand) ? $0.place : nil
        }
        place(number, in: packets, ofCopy, &known)
      }
    }
    for packet in known.values { settle(packet) }
  }

  /// Finds the packet that some octets are of.
  private mutating func place(
    _ number: UInt64, in packets: TxPackets, _ place: TxPackets.Place?,
    _ known: inout [RingIndex: KnownPacket]
  ) {
    switch line[number].event.body {
    case .delivered(_, let head):
      known[head, default: KnownPacket(packets.heads[head])].frames.append(number)
    case .memory(let operand):
      guard let place = place ?? packets.place(of: operand) else { return settleUnplaced(number) }
      let packet = KnownPacket(packets.heads[place.head])
      known[place.head, default: packet].pieces.append(
        KnownPacket.Piece(number: number, position: place.position))
    default: break
    }
  }

  private mutating func settle(_ packet: KnownPacket) {
    let memory = PacketMemory(packet.pieces, line)
    let seen = ReplacedFrame(memory.octets, length: Int(packet.request?.size ?? 0), replacement)
    var whole = seen
    for number in packet.frames {
      guard case .delivered(let record, _) = line[number].event.body else { continue }
      let frame = ReplacedFrame(
        line[number].payload, length: Int(clamping: record.length), replacement)
      if seen.isBeginning(of: frame) { whole = frame }
      settle(number, frame, whole: frame.isBeginning(of: seen) ? seen : frame)
    }
    let finished = seen.finished(isPartial: packet.isPartial, replacement, whole: whole)
    let limit = cut.limit(of: whole.layout)
    for piece in memory.placed {
      line[piece.number].takeMemory(finished, from: piece.position, upTo: limit)
    }
    for piece in memory.loose { settleLoose(piece) }
  }

  /// A frame for the network.
  private mutating func settle(_ number: UInt64, _ frame: ReplacedFrame, whole: ReplacedFrame) {
    guard case .delivered(var record, let head) = line[number].event.body else { return }
    let isPartial = record.offload.checksum == .partial
    line[number].take(
      frame.finished(isPartial: isPartial, replacement, whole: whole),
      upTo: cut.limit(of: whole.layout))
    record.captured = UInt32(clamping: line[number].payload.count)
    if let replacement, let hash = record.offload.hash {
      record.offload.hash?.value = replacement.flowHash(for: hash.value)
    }
    line[number].event.body = .delivered(record, request: head)
  }

  /// Memory of a packet of which something before it is not known.
  private mutating func settleLoose(_ piece: KnownPacket.Piece) {
    let octets = ReplacedFrame(payload: line[piece.number].payload, replacement)
    line[piece.number].takeMemory(octets, upTo: cut.limitBehindHeaders - piece.position)
  }

  /// Memory of which nobody knows what packet it is of.
  private mutating func settleUnplaced(_ number: UInt64) {
    let octets = ReplacedFrame(payload: line[number].payload, replacement)
    line[number].takeMemory(octets, upTo: cut.keepsUnplaced ? .max : 0)
  }
}

extension TraceEvent.Body {
  /// Whether it is what a copy brought.
  fileprivate func isMemory(of copy: TraceEvent.GrantOperand) -> Bool {
    guard case .memory(let operand) = self else { return false }
    return operand.grant == copy.grant && operand.offset == copy.offset
      && operand.length == copy.length
  }
}
