import TraceFormat
import XenInterface
import XenRing

/// What is shown of a ring: its polls, what is taken from it and answered, and how much is outstanding.
struct RingTracks {
  private let ring: TraceRing
  private let group: Track.Group
  /// What was taken and is not answered.
  var requests = RequestTable()
  private var lanes = LaneSet()
  private var outstanding: OutstandingRequests
  /// Whether a poll is under way.
  private(set) var isInPoll = false

  init(_ ring: TraceRing, in group: Track.Group) {
    self.ring = ring
    self.group = group
    outstanding = OutstandingRequests(ring)
  }

  private var track: Track { Track(group: group, kind: .ring(ring)) }

  /// Where a slice goes from the first request of a packet to its last answer. On RX the backend takes a
  /// request when it answers it.
  private var slices: Track.Kind? {
    switch ring {
    case .tx: .txPackets
    case .rx: nil
    case .control: .messages
    }
  }

  /// Takes an event that is about the ring as a whole.
  mutating func take(_ body: TraceEvent.Body, _ stream: inout PacketStream) {
    switch body {
    case .pollBegin(_, let budget):
      endPoll([], &stream)
      isInPoll = true
      stream.begin(.poll, on: track, [Annotation(.budget, budget)])
    case .pollEnd(_, let consumer, let producer, let packets):
      endPoll(
        [
          Annotation(.consumer, consumer.rawValue), Annotation(.producer, producer.rawValue),
          Annotation(.packets, packets),
        ], &stream)
    case .requestProducer(_, let index):
      stream.instant(.requestsPublished, on: track, [Annotation(.index, index.rawValue)])
      outstanding.publish(index)
    case .responseProducer(_, let index):
      stream.instant(.responsesPublished, on: track, [Annotation(.index, index.rawValue)])
    case .eventIndex(_, let side, let index):
      stream.instant(
        .eventIndex, on: track, [Annotation(.by, "\(side)"), Annotation(.index, index.rawValue)])
    case .notification(_, let side):
      stream.instant(.notification, on: track, [Annotation(.by, "\(side)")])
    default: break
    }
    tellOutstanding(&stream)
  }

  /// Goes on from what a snapshot says; what was under way ends.
  mutating func resume(_ indices: QueueSnapshot.Indices, _ stream: inout PacketStream) {
    forget(&stream)
    outstanding.resume(indices)
  }

  /// Ends what is under way.
  mutating func forget(_ stream: inout PacketStream) {
    endPoll([], &stream)
    for packet in requests.removeAll() { end(packet, &stream) }
    outstanding = OutstandingRequests(ring)
  }

  private mutating func endPoll(_ annotations: [Annotation], _ stream: inout PacketStream) {
    guard isInPoll else { return }
    isInPoll = false
    stream.end(on: track, annotations)
  }

  private mutating func tellOutstanding(_ stream: inout PacketStream) {
    guard let count = outstanding.news() else { return }
    stream.count(count, on: Track(group: group, kind: .requests(ring)))
  }
}

// MARK: - Requests and answers

extension RingTracks {
  /// Begins a packet, or a message, with its first request.
  mutating func begin(
    at head: RingIndex, _ annotations: [Annotation], _ stream: inout PacketStream
  ) {
    let lane = slices == nil ? nil : lanes.take()
    let packet = RequestTable.Packet(head: head, flow: stream.newFlow(), lane: lane)
    if let forgotten = requests.begin(packet) { end(forgotten, &stream) }
    guard let slices, let lane else { return }
    stream.begin(
      slices == .messages ? .message : .packet, on: Track(group: group, kind: slices, lane: lane),
      annotations, [Flow(number: packet.flow)])
  }

  /// Shows a request of the packet that begins at `head`.
  mutating func take(
    _ name: EventName, at index: RingIndex, of head: RingIndex, _ extent: PageExtent?,
    isLast: Bool = true, _ annotations: [Annotation], _ stream: inout PacketStream
  ) {
    requests.take(extent, at: index, of: head)
    if isLast { requests.finish(head) }
    outstanding.take(index)
    stream.instant(name, on: track, annotations, requests.packet(at: head).flows)
    tellOutstanding(&stream)
  }

  /// Shows the answer at `index` to a request.
  mutating func answer(
    _ name: EventName = .response, at index: RingIndex, to request: RingIndex,
    _ annotations: [Annotation], of flows: [Flow] = [], _ stream: inout PacketStream
  ) {
    let answered = requests.answer(request)
    outstanding.answer(index)
    let flow = answered.map { Flow(number: $0.packet.flow, isLast: $0.isLast) }
    stream.instant(name, on: track, annotations, flows + (flow.map { [$0] } ?? []))
    if let answered, answered.isLast { end(answered.packet, &stream) }
    tellOutstanding(&stream)
  }

  /// Ends the slice of a packet.
  private mutating func end(_ packet: RequestTable.Packet, _ stream: inout PacketStream) {
    guard let slices, let lane = packet.lane else { return }
    stream.end(on: Track(group: group, kind: slices, lane: lane))
    lanes.giveBack(lane)
  }
}
