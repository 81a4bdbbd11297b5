import Netif
import RingCases
import TraceFormat
import XenInterface
import XenRing

/// Something of a backend's that its guest, or the network beside it, can see.
struct LiveEvent {
  /// An answer on TX, a frame for the network, or that the guest was cut off.
  var event: TraceEvent
  /// Number of the recorded event; of what a live backend did, that of the end of its turn.
  var number: UInt64
  /// A frame, when all of its octets are known.
  var digest: FrameDigest?
}

extension LiveEvent {
  /// Something that a live backend did.
  init(_ body: TraceEvent.Body, _ digest: FrameDigest? = nil) {
    self.init(
      event: TraceEvent(time: MonotonicInstant(nanoseconds: 0), origin: .observed, body),
      number: 0, digest: digest)
  }
}

/// What a live backend did in a turn.
struct LiveOutcome {
  /// The slots that it was given.
  var asked: [RingIndex] = []
  /// The answers, in ring order, then the frames.
  var events: [LiveEvent] = []
  /// Answers to nothing that it was asked.
  var strays: [LiveEvent] = []
  /// Whether it has cut the guest off, or answers no more.
  var isCutOff = false
  /// Whether its frames can be seen.
  var seesFrames = false
  /// What it was given of the memory that the trace has.
  var memory = MemoryTally()
  /// Whether an operation failed in the recording that cannot be made to fail here.
  var isExcused = false
}

extension LiveOutcome {
  /// The guest was cut off, by a rule that it cannot see.
  static var end: TraceEvent {
    TraceEvent(
      time: MonotonicInstant(nanoseconds: 0), origin: .observed, .disabled(rule: .max))
  }

  /// All of it as events, with a number.
  func told(_ number: UInt64) -> [LiveEvent] {
    let end = isCutOff ? [LiveEvent(event: Self.end, number: number)] : []
    return (events + end).map { LiveEvent(event: $0.event, number: number, digest: $0.digest) }
  }
}

/// An answer and the NULLs behind it.
struct LiveAnswer {
  let head: LiveEvent
  let request: RingIndex
  let status: NetifStatus
  private(set) var nulls: [LiveEvent] = []

  /// The answers among events. A NULL with nothing before it stands for itself.
  static func all(in events: [LiveEvent]) -> [LiveAnswer] {
    var answers: [LiveAnswer] = []
    for event in events {
      guard case .txResponse(_, let request, _, let status) = event.event.body else { continue }
      if status == .null, let last = answers.indices.last {
        answers[last].nulls.append(event)
      } else {
        answers.append(LiveAnswer(head: event, request: request, status: status))
      }
    }
    return answers
  }
}

extension Turn {
  /// What of it a guest or the network can see.
  var visible: [LiveEvent] {
    entries.compactMap { entry in
      switch entry.event.body {
      case .txResponse, .disabled: LiveEvent(event: entry.event, number: entry.number)
      case .delivered(let frame, _):
        LiveEvent(
          event: entry.event, number: entry.number,
          digest: frame.captured == frame.length ? FrameDigest(octets(of: entry)) : nil)
      default: nil
      }
    }
  }
}
