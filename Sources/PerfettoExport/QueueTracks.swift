import Netif
import TraceFormat
import XenInterface
import XenRing

/// What is shown of a queue: its rings, the grant operations for them, and the frames on the network side.
struct QueueTracks {
  let group: Track.Group
  var tx: RingTracks
  var rx: RingTracks
  private var walker = TxSlotWalker()
  /// The packet whose slots come next.
  private var head = RingIndex(rawValue: 0)
  private var headers: HeaderArea?
  /// Slots that a snapshot has. They are shown with the next event: a header has no time.
  private var published: (tx: [QueueSnapshot.Slot], rx: [QueueSnapshot.Slot])?
  private var mapped = MappedGrants()
  var answers = AnswerTrack()
  var waiting = WaitingFrames()
  /// Whether the guest tells of new RX requests: then frames wait longer for them.
  var notifies = false

  init(_ group: Track.Group) {
    self.group = group
    tx = RingTracks(.tx, in: group)
    rx = RingTracks(.rx, in: group)
  }

  /// Goes on from what a snapshot says.
  mutating func resume(
    _ snapshot: QueueSnapshot, of vif: VifSnapshot, headers: [GrantReference]?,
    _ stream: inout PacketStream
  ) {
    forget(&stream)
    tx.resume(snapshot.tx, &stream)
    rx.resume(snapshot.rx, &stream)
    notifies = vif.features.contains(.rxNotify)
    self.headers = headers.flatMap { HeaderArea(grants: $0) }
    let most = Int(NetifLimits.ringSize)
    published = (Array(snapshot.txSlots.prefix(most)), Array(snapshot.rxSlots.prefix(most)))
  }

  /// Ends what is under way.
  mutating func forget(_ stream: inout PacketStream) {
    tx.forget(&stream)
    rx.forget(&stream)
    forgetFrames(&stream)
    if mapped.count > 0 { stream.count(UInt32(0), on: Track(group: group, kind: .mappedGrants)) }
    self = QueueTracks(group)
  }

  /// Takes an event of the queue.
  mutating func take(_ event: TraceEvent, _ stream: inout PacketStream) {
    takePublished(&stream)
    switch event.body {
    case .slot(.tx, let index, let words): takeTx(words, at: index, &stream)
    case .slot(_, let index, let words): takeRx(words, at: index, &stream)
    case .grantCopy, .grantMap, .grantUnmap: takeGrant(event.body, &stream)
    case .txResponse(let index, let request, let id, let status):
      tx.answer(
        at: index, to: request,
        [
          Annotation(.index, index.rawValue), Annotation(.request, request.rawValue),
          Annotation(.id, id), Annotation(.status, signed: status.rawValue),
        ], &stream)
    case .rxResponse(let index, let word0, let word1): answerRx(index, word0, word1, &stream)
    case .delivered, .taken, .dropped, .release: takeFrame(event, &stream)
    case .requestProducer(.rx, _), .responseProducer(.rx, _), .eventIndex(.rx, _, _),
      .notification(.rx, _), .pollBegin(.rx, _):
      rx.take(event.body, &stream)
    case .pollEnd(.rx, _, _, _):
      dropExpired(event.time, &stream)
      rx.take(event.body, &stream)
    default: tx.take(event.body, &stream)
    }
  }
}

// MARK: - Requests

extension QueueTracks {
  private mutating func takePublished(_ stream: inout PacketStream) {
    guard let (txSlots, rxSlots) = published.take() else { return }
    for slot in txSlots { takeTx(slot.words, at: slot.index, &stream) }
    for slot in rxSlots { takeRx(slot.words, at: slot.index, &stream) }
  }

  private mutating func takeTx(
    _ words: TraceEvent.Words, at index: RingIndex, _ stream: inout PacketStream
  ) {
    guard !tx.requests.has(index) else { return }
    let slot: SlotWords = [words.w0, words.w1, words.w2, 0]
    let request = TxRequest(words: slot)
    let kind = walker.take(slot)
    if kind == .head {
      head = index
      tx.begin(at: head, request.packetAnnotations(at: index), &stream)
    }
    let isExtra = kind == .extra
    tx.take(
      isExtra ? .extraInfo : .request, at: index, of: head, isExtra ? nil : extent(of: request),
      isLast: walker.isAtHead,
      isExtra ? words.extraAnnotations(at: index) : request.annotations(at: index), &stream)
  }

  /// Where the octets of a request lie.
  private func extent(of request: TxRequest) -> PageExtent {
    guard let headers, request.flags.contains(.headerSlot),
      let (page, offset) = HeaderArea.place(ofSlot: request.grant.rawValue)
    else {
      return PageExtent(
        grant: request.grant, offset: request.offset, size: UInt32(request.size))
    }
    return PageExtent(
      grant: headers.grants[page], offset: request.offset &+ offset, size: UInt32(request.size))
  }

  private mutating func takeRx(
    _ words: TraceEvent.Words, at index: RingIndex, _ stream: inout PacketStream
  ) {
    guard !rx.requests.has(index) else { return }
    let request = RxRequest(words: [words.w0, words.w1, 0, 0])
    let annotations = [
      Annotation(.index, index.rawValue), Annotation(.id, request.id),
      Annotation(.gref, request.grant.rawValue),
    ]
    let page = PageExtent(grant: request.grant, offset: 0, size: UInt32(RingLayout.pageSize))
    rx.begin(at: index, [], &stream)
    rx.take(.request, at: index, of: index, page, annotations, &stream)
  }
}

extension TxRequest {
  fileprivate func annotations(at index: RingIndex) -> [Annotation] {
    [
      Annotation(.index, index.rawValue), Annotation(.id, id), Annotation(.gref, grant.rawValue),
      Annotation(.offset, offset), Annotation(.size, size), Annotation(.flags, flags.rawValue),
    ]
  }

  /// Of a packet by its first request.
  fileprivate func packetAnnotations(at index: RingIndex) -> [Annotation] {
    [Annotation(.index, index.rawValue), Annotation(.id, id), Annotation(.size, size)]
  }
}

extension TraceEvent.Words {
  /// Of an extra info.
  func extraAnnotations(at index: RingIndex) -> [Annotation] {
    [
      Annotation(.index, index.rawValue), Annotation(.type, w0 & 0xff),
      Annotation(.flags, w0 >> 8 & 0xff), Annotation(.data, UInt64(w0 >> 16) | UInt64(w1) << 16),
    ]
  }
}

// MARK: - Grant operations

extension QueueTracks {
  private mutating func takeGrant(_ body: TraceEvent.Body, _ stream: inout PacketStream) {
    let before = mapped.count
    let packet: RequestTable.Packet?
    switch body {
    case .grantCopy(let operand, .fromGuest, _): packet = tx.requests.claim(operand)
    case .grantCopy(let operand, .toGuest, _): packet = rx.requests.claim(operand)
    case .grantMap(let grant, _, let handle, let status):
      packet = tx.requests.claim(page: grant)
      if status == .okay { mapped.begin(handle, of: packet) }
    case .grantUnmap(_, let handle, .okay): packet = unanswered(mapped.end(handle))
    default: packet = nil
    }
    stream.grant(body, in: group, packet.flows)
    guard mapped.count != before else { return }
    stream.count(mapped.count, on: Track(group: group, kind: .mappedGrants))
  }

  /// A packet if not all of it is answered: its flow has ended then.
  private func unanswered(_ packet: RequestTable.Packet?) -> RequestTable.Packet? {
    packet.flatMap { tx.requests.packet(at: $0.head)?.flow == $0.flow ? $0 : nil }
  }
}

extension PacketStream {
  /// Shows a grant operation of a queue or of the control ring.
  mutating func grant(_ body: TraceEvent.Body, in group: Track.Group, _ flow: [Flow]) {
    let track = Track(group: group, kind: .grants)
    switch body {
    case .grantCopy(let operand, let direction, let status):
      instant(
        direction == .fromGuest ? .copyFromGuest : .copyToGuest, on: track,
        [
          Annotation(.gref, operand.grant.rawValue), Annotation(.offset, operand.offset),
          Annotation(.length, operand.length), Annotation(.status, signed: status.rawValue),
        ], flow)
    case .grantMap(let grant, _, let handle, let status):
      instant(.map, on: track, Self.annotations(grant, handle, status), flow)
    case .grantUnmap(let grant, let handle, let status):
      instant(.unmap, on: track, Self.annotations(grant, handle, status), flow)
    default: break
    }
  }

  private static func annotations(
    _ grant: GrantReference, _ handle: UInt32, _ status: GrantStatus
  ) -> [Annotation] {
    [
      Annotation(.gref, grant.rawValue), Annotation(.handle, handle),
      Annotation(.status, signed: status.rawValue),
    ]
  }
}
