import Netif
import TraceFormat
import XenInterface
import XenRing

// Frames on the network side, and those that wait for the guest.

extension QueueTracks {
  private var network: Track { Track(group: group, kind: .network) }

  /// Takes what happens to frames on the network side.
  mutating func takeFrame(_ event: TraceEvent, _ stream: inout PacketStream) {
    switch event.body {
    case .delivered(let frame, let request):
      stream.instant(
        .delivered, on: network,
        [Annotation(.request, request.rawValue), Annotation(.length, frame.length)],
        tx.requests.packet(at: request).flows)
    case .release(let index):
      stream.instant(
        .released, on: network, [Annotation(.request, index.rawValue)],
        tx.requests.packet(of: index).flows)
    case .taken(let frame): queue(frame, at: event.time, &stream)
    case .dropped(let frame):
      stream.instant(.dropped, on: network, [Annotation(.length, frame.length)])
    default: break
    }
  }

  /// A frame waits from here on until its last answer.
  private mutating func queue(
    _ frame: TraceEvent.FrameRecord, at arrival: MonotonicInstant, _ stream: inout PacketStream
  ) {
    let length = [Annotation(.length, frame.length)]
    guard let waits = waiting.append(stream.newFlow(), at: arrival) else {
      return stream.instant(.taken, on: network, length)
    }
    let flow = [Flow(number: waits.flow)]
    stream.instant(.taken, on: network, length, flow)
    if let track = track(of: waits) { stream.begin(.frame, on: track, length, flow) }
    tellWaiting(&stream)
  }

  /// Takes an answer on RX, or an extra info in the place of one.
  mutating func answerRx(
    _ index: RingIndex, _ word0: UInt32, _ word1: UInt32, _ stream: inout PacketStream
  ) {
    let isExtra = answers.isExtraNext
    answers.take(word0, word1)
    let isLast = answers.endPacket == true
    let words = TraceEvent.Words(word0, word1)
    rx.answer(
      isExtra ? .extraInfo : .response, at: index, to: index,
      isExtra ? words.extraAnnotations(at: index) : words.answerAnnotations(at: index),
      of: waiting.nextFlow.map { [Flow(number: $0, isLast: isLast)] } ?? [], &stream)
    if isLast, let frame = waiting.removeFirst() { end(frame, &stream) }
  }

  /// Ends the slices of frames that were dropped because the guest offered no room for them.
  mutating func dropExpired(_ now: MonotonicInstant, _ stream: inout PacketStream) {
    while let frame = waiting.removeExpired(by: now, notifies: notifies) {
      stream.instant(.dropped, on: network, [], [Flow(number: frame.flow, isLast: true)])
      end(frame, &stream)
    }
  }

  /// Ends the slices of all frames that wait.
  mutating func forgetFrames(_ stream: inout PacketStream) {
    while let frame = waiting.removeFirst() { end(frame, &stream) }
  }

  private func end(_ frame: WaitingFrames.Frame, _ stream: inout PacketStream) {
    if let track = track(of: frame) { stream.end(on: track) }
    tellWaiting(&stream)
  }

  private func track(of frame: WaitingFrames.Frame) -> Track? {
    frame.lane.map { Track(group: group, kind: .rxFrames, lane: $0) }
  }

  private func tellWaiting(_ stream: inout PacketStream) {
    stream.count(waiting.count, on: Track(group: group, kind: .queuedFrames))
  }
}

extension TraceEvent.Words {
  fileprivate func answerAnnotations(at index: RingIndex) -> [Annotation] {
    let response = RxResponse(words: [w0, w1, 0, 0])
    return [
      Annotation(.index, index.rawValue), Annotation(.id, response.id),
      Annotation(.offset, response.offset), Annotation(.flags, response.flags.rawValue),
      Annotation(.status, signed: response.status.rawValue),
    ]
  }
}
