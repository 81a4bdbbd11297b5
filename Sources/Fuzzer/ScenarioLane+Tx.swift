import Netif
import TraceFormat
import XenInterface
import XenRing

extension ScenarioLane {
  private typealias Packet = [(kind: TxSlotWalker.Kind, words: TraceEvent.Words)]
  /// Octets that a page held, where one of a packet's slots points.
  private typealias Piece = (slot: Int, offset: Int, octets: ArraySlice<UInt8>)

  /// Octets of a packet that headers are in.
  private static let headers = 96

  /// Takes an event of the TX ring; the last one of a poll has its slots written.
  mutating func take(tx body: TraceEvent.Body, _ payload: RawSpan) {
    switch body {
    case .slot(.tx, let index, let words): tx.note(index, words)
    case .requestProducer(.tx, let index): tx.claimed = index.rawValue
    case .eventIndex(.tx, .frontend, let index): tx.listens = index.rawValue &- tx.answered
    case .grantCopy(let operand, .fromGuest, let status): txTurn.note(operand.grant, status)
    case .grantMap(let grant, _, _, let status): txTurn.note(grant, status)
    case .memory(let operand): txTurn.note(operand, payload, upTo: Self.headers)
    case .disabled(let rule):
      txTurn.rule = rule
      isCutOff = true
    case .responseProducer(.tx, let index): tx.answered = index.rawValue
    case .pollEnd(.tx, let consumer, _, _): endTxPoll(at: consumer.rawValue)
    default: break
    }
  }

  private mutating func endTxPoll(at consumer: UInt32) {
    defer { txTurn = LaneTurn() }
    let end = txTurn.rule == nil ? consumer : tx.claimed
    let packets = takePackets(upTo: end)
    if txTurn.rule == nil, tx.next != consumer { tx.skip(to: consumer) }
    let beyond = txTurn.rule == UInt8(TxViolation.producerCode) ? tx.claimed &- tx.next : 0
    guard !packets.isEmpty || beyond > 0 else { return }
    if let ahead = tx.takeListens() { draft.add(.listen(.tx, ahead: ahead)) }
    for packet in packets { write(packet) }
    draft.publish(.tx, beyond: beyond)
    rest()
  }

  private mutating func takePackets(upTo end: UInt32) -> [Packet] {
    var packets: [Packet] = []
    var walker = TxSlotWalker()
    while tx.next != end, let words = tx.take() {
      let kind = walker.take([words.w0, words.w1, words.w2, 0])
      if kind == .head { packets.append([]) }
      packets[packets.count - 1].append((kind, words))
    }
    return packets
  }

  // MARK: - A packet

  private mutating func write(_ packet: Packet) {
    let slots = packet.map { TxRequest(words: [$0.words.w0, $0.words.w1, $0.words.w2, 0]) }
    let pieces = pieces(of: packet, slots)
    settle(for: packet, slots, pieces)
    makeRoom(for: octets(of: packet, pieces), on: .tx)
    for (place, slot) in packet.enumerated() {
      guard slot.kind != .extra else {
        draft.add(.extra(ScenarioExtra(slot.words)))
        continue
      }
      let request = slots[place]
      let reference = request.grant.rawValue
      let grant = draft.grant(reference, txTurn.failures[reference])
      for piece in pieces where piece.slot == place && Int(grant.rawValue) < ScenarioGrant.pages {
        draft.write(piece.octets, in: grant.rawValue, at: piece.offset)
      }
      draft.add(
        .send(
          ScenarioSlot(
            grant, offset: request.offset, size: request.size, flags: request.flags.rawValue)))
    }
  }

  /// What was seen of a packet's headers.
  private func pieces(of packet: Packet, _ slots: [TxRequest]) -> [Piece] {
    let data = packet.indices.filter { packet[$0].kind != .extra }
    let rest = data.dropFirst().reduce(0) { $0 + Int(slots[$1].size) }
    var (position, pieces) = (0, [Piece]())
    for (number, place) in data.enumerated() where position < Self.headers {
      let size = number == 0 ? max(Int(slots[place].size) - rest, 0) : Int(slots[place].size)
      let count = min(size, Self.headers - position)
      pieces += seen(slots[place], count: count).map { (place, $0.offset, $0.octets) }
      position += size
    }
    return pieces
  }

  private func seen(
    _ slot: TxRequest, count: Int
  ) -> [(offset: Int, octets: ArraySlice<UInt8>)] {
    let wanted = Int(slot.offset)..<Int(slot.offset) + count
    return txTurn.memory.compactMap { memory in
      guard memory.operand.grant == slot.grant else { return nil }
      let start = Int(memory.operand.offset)
      let range = wanted.clamped(to: start..<start + memory.octets.count)
      guard !range.isEmpty else { return nil }
      return (range.lowerBound, memory.octets[range.lowerBound - start..<range.upperBound - start])
    }
  }

  /// Publishes what was written if this packet needs other octets where a slot before it points.
  private mutating func settle(
    for packet: Packet, _ slots: [TxRequest], _ pieces: [Piece]
  ) {
    let references = Set(
      packet.indices.filter { packet[$0].kind != .extra }.map { slots[$0].grant.rawValue })
    let held = references.filter { draft.pages.page(of: $0) != nil }
    let changes = pieces.contains { piece in
      guard let page = draft.pages.page(of: slots[piece.slot].grant.rawValue),
        draft.pages.isPending(UInt8(page))
      else { return false }
      return !draft.pages.writes(piece.octets, in: UInt8(page), at: piece.offset).isEmpty
    }
    let isCrowded =
      !draft.pages.hasRoom(for: references.count - held.count) && draft.pages.hasPending
    if changes || isCrowded { draft.publish(.tx) }
  }

  /// Octets that a packet's steps take, at most.
  private func octets(of packet: Packet, _ pieces: [Piece]) -> Int {
    let slots = packet.count * ScenarioDraft.stepOctets
    return slots + pieces.reduce(0) { $0 + 2 * $1.octets.count + 16 } + ScenarioDraft.stepOctets
  }
}

extension TxViolation {
  /// The number of the rule about producers.
  static var producerCode: Int { TxViolation.ring(.producerTooFar(distance: 0, limit: 0)).code }
}

extension ScenarioExtra {
  /// An extra info as its words lie in the slot.
  init(_ words: TraceEvent.Words) {
    self.init(
      type: UInt8(truncatingIfNeeded: words.w0), flags: UInt8(truncatingIfNeeded: words.w0 >> 8),
      low: UInt16(truncatingIfNeeded: words.w0 >> 16), high: words.w1)
  }
}
