import Netfront
import Netif
import RingCases
import XenRing

/// A packet that came for the guest, or why it would drop what came.
struct LiveArrival {
  /// The queue.
  let queue: UInt16
  let result: Result<ReceivedFrame, RxFault>
  /// Its octets; nil where the guest has none.
  let digest: FrameDigest?

  init(_ result: Result<ReceivedFrame, RxFault>, queue: UInt16) {
    let result = result.map(\.withoutHeadroom)
    self.queue = queue
    self.result = result
    digest = try? result.map { FrameDigest($0.octets.span.octets) }.get()
  }

  /// The frame, where it is one.
  var frame: ReceivedFrame? { try? result.get() }

  /// Whether it may be what became of a frame: it has its length, or begins with its headers, or nobody
  /// can say what it is.
  func resembles(_ given: NetworkFrame) -> Bool {
    guard let frame else { return true }
    let headers = given.octets.prefix(42)
    return frame.octets.count == given.octets.count || frame.octets.starts(with: headers)
  }

  /// The answers, the first slot's, those of extra infos, and the others.
  var slots: [RxAnswerSlot] {
    switch result {
    case .success(let frame):
      let data = frame.slots.map { RxAnswerSlot($0.words[0], $0.words[1], isExtra: false) }
      let extras = frame.extras.map { info in
        let words = ExtraInfoSlot(info, hasMore: false).words
        return RxAnswerSlot(words[0], words[1], isExtra: true)
      }
      return data.prefix(1) + extras + data.dropFirst()
    case .failure(let fault):
      let status = if case .status(let status) = fault { status } else { NetifStatus.error }
      let words = RxResponse(id: 0, offset: 0, flags: [], status: status).words
      return [RxAnswerSlot(words[0], words[1], isExtra: false)]
    }
  }
}

/// What became of a frame that a live backend was given.
struct LiveReceipt {
  /// What came first, which nobody gave.
  var before: [LiveArrival] = []
  /// The frame, octet by octet; or else what may be it.
  var arrival: LiveArrival?
  /// Whether it is the frame octet by octet.
  var isWhole = false
  /// Answers beyond what the ring holds: the backend's producer.
  var beyond: RingIndex?
  /// Whether the backend has cut the guest off.
  var isCutOff = false
}

extension LiveReceipt {
  /// Sorts what came while the frame was awaited.
  mutating func sort(_ come: [LiveArrival], for frame: NetworkFrame, _ digest: FrameDigest) {
    let place =
      come.firstIndex { $0.digest == digest } ?? come.firstIndex { $0.resembles(frame) }
    arrival = place.map { come[$0] }
    isWhole = arrival?.digest == digest
    for other in come.indices where other != place { before.append(come[other]) }
  }
}

extension ReceivedFrame {
  /// The frame without the octets that stay free in each page before its data. Linux counts them as
  /// delivered; the guest looks for the first slot's data behind them, as many octets as were said to be
  /// delivered.
  fileprivate var withoutHeadroom: ReceivedFrame {
    let headrooms = extras.compactMap { if case .xdp(let octets) = $0 { Int(octets) } else { nil } }
    guard let headroom = headrooms.first, headroom > 0, !slots.isEmpty else { return self }
    var frame = self
    frame.octets.removeAll()
    frame.slots[0].offset = 0
    var rest = octets[...]
    for (place, slot) in slots.enumerated() {
      let part = rest.prefix(max(0, Int(slot.status.rawValue)))
      rest = rest.dropFirst(part.count)
      frame.octets += place == 0 ? part.dropLast(headroom) : part.dropFirst(headroom)
    }
    return frame
  }
}
