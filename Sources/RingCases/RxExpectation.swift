import Netif
import XenRing

/// How many answers a backend owes: what a player waits for before it looks. Where it is wrong, only
/// time is lost.
struct RxExpectation {
  /// Octets at which a backend's queue is full.
  private static let limit = Int(NetifLimits.ringSize) / 2 * RingLayout.pageSize

  /// Answers owed.
  private(set) var answers = 0
  private let headroom: Int
  private let isSpread: Bool
  private let isSilent: Bool
  private var free = 0
  private var waiting: [(slots: Int, octets: Int)] = []

  init(_ asked: RxCase) {
    headroom = asked.guest.keys["xdp-headroom"].flatMap { Int($0) } ?? 0
    isSpread = asked.guest.queues > 1
    isSilent = asked.guest.keys["feature-rx-notify"] == "0"
  }

  /// Whether frames wait for more requests.
  var hasWaitingFrames: Bool { !waiting.isEmpty }

  /// The guest offers requests.
  mutating func offer(_ count: Int) {
    free += count
    settle()
  }

  /// A moment passes. Frames for a guest that does not tell of requests wait no longer.
  mutating func pause() {
    if isSilent { waiting = [] }
  }

  /// The backend is given a frame, for which its queue has room or not.
  mutating func give(_ frame: CaseFrame) {
    guard waiting.reduce(0, { $0 + $1.octets }) < Self.limit else { return }
    let room = RingLayout.pageSize - headroom
    let extras = (frame.offload.segmentation == nil ? 0 : 1) + (headroom > 0 ? 1 : 0)
    waiting.append(((frame.length + room - 1) / room + extras, frame.length))
    settle()
  }

  /// With several queues each is taken to have enough; a hash's extra is not counted.
  private mutating func settle() {
    while let needed = waiting.first?.slots, isSpread || needed <= free {
      waiting.removeFirst()
      free -= needed
      answers += needed
    }
  }
}
