import Netif
import TraceFormat
import XenRing

/// What is shown of a vif's control ring.
struct ControlTracks {
  private let group: Track.Group
  private var ring: RingTracks
  /// The message that is being done: what stands between a poll's begin and its end is of the last one taken.
  private var message = RingIndex(rawValue: 0)

  init(of vif: UInt16) {
    group = .control(of: vif)
    ring = RingTracks(.control, in: group)
  }

  /// Whether a poll is under way: grant operations of queue 0 are then of the control ring.
  var isInPoll: Bool { ring.isInPoll }

  /// Goes on from what a snapshot says.
  mutating func resume(_ indices: QueueSnapshot.Indices?, _ stream: inout PacketStream) {
    if let indices { ring.resume(indices, &stream) } else { forget(&stream) }
  }

  /// Ends what is under way.
  mutating func forget(_ stream: inout PacketStream) { ring.forget(&stream) }

  /// Takes an event of the control ring.
  mutating func take(_ body: TraceEvent.Body, _ stream: inout PacketStream) {
    switch body {
    case .slot(_, let index, let words):
      take(ControlRequest(words: [words.w0, words.w1, words.w2, words.w3]), at: index, &stream)
    case .grantCopy: stream.grant(body, in: group, ring.requests.packet(at: message).flows)
    case .controlResponse(let index, let word0, let word1, let word2):
      let response = ControlResponse(words: [word0, word1, word2, 0])
      ring.answer(
        at: index, to: index,
        [
          Annotation(.index, index.rawValue), Annotation(.id, response.id),
          Annotation(.type, response.type), Annotation(.status, response.status),
          Annotation(.data, response.data),
        ], &stream)
    default: ring.take(body, &stream)
    }
  }

  private mutating func take(
    _ request: ControlRequest, at index: RingIndex, _ stream: inout PacketStream
  ) {
    guard !ring.requests.has(index) else { return }
    message = index
    let annotations = [
      Annotation(.index, index.rawValue), Annotation(.id, request.id),
      Annotation(.type, request.type),
    ]
    ring.begin(at: index, annotations, &stream)
    ring.take(.request, at: index, of: index, nil, annotations, &stream)
  }
}
