import Netback
import Netif
import RingCases
import TraceFormat
import XenInterface
import XenRing

/// The frames that a trace's network had for a guest, and what is to come of those that live backends were
/// given.
struct LiveRx {
  /// Frames in a row that do not come before no more are given: each was waited for.
  private static let mostMisses = 3
  /// Octets that a frame may have.
  private static let lengths = 14...UInt32(1 << 16)
  /// Octets that hold the headers which are hashed.
  private static let headers = 128
  /// Nanoseconds that a frame may have waited when somebody sees it who looks on (Linux:
  /// `rx_drain_timeout_msecs`).
  private static let longestWait: UInt64 = 10_000_000_000

  /// A frame that the trace has not handed over yet.
  fileprivate struct Waiting {
    var length: Int
    /// What came of it; nil where it was not given, or did not come as it was.
    var come: (given: GivenFrame, arrival: LiveArrival)?
  }

  fileprivate struct Queue {
    var packets: RxPackets
    var waiting: [Waiting] = []
    /// Whether some that wait may be gone.
    var hasExpired = false
  }

  private var queues: [Queue]
  private let features: NetifFeatures
  /// Whether the guest takes group addresses that a live backend knows nothing of.
  private let hasGroups: Bool
  /// Octets that stay free in each page before the data; nil where that has changed.
  private var headroom: UInt16?
  private var misses = 0
  /// The frame that was given last.
  private var last: FrameDigest?
  /// When the guest last had the control ring polled.
  var lastControl: MonotonicInstant?

  /// Goes on from what a snapshot says.
  init(from snapshot: VifSnapshot) {
    queues = snapshot.queues.map { Queue(packets: RxPackets(from: $0)) }
    features = snapshot.features
    hasGroups = !snapshot.multicast.isEmpty
    headroom = snapshot.headroom
  }

  /// Answers of packets that are not whole yet.
  var answersUnderWay: UInt64 { queues.reduce(0) { $0 + $1.packets.answersUnderWay } }

  /// Takes a key of the frontend's. How much of each page stays free is said once to a live backend.
  mutating func take(key payload: RawSpan) {
    if let told = VifSnapshot.headroom(key: payload), told != headroom { headroom = nil }
  }
}

// MARK: - Frames

extension LiveRx {
  /// The frame that a backend is to be given; nil for one that cannot be made here.
  func frame(_ record: TraceEvent.FrameRecord, _ payload: RawSpan) -> NetworkFrame? {
    guard misses < Self.mostMisses, isInReach(record.length), payload.byteCount <= record.length,
      record.offload.segmentation.map(features.accepts) ?? true
    else { return nil }
    var octets = payload.array
    let missing = Int(record.length) - octets.count
    Filler.withOctets(octets.count, count: missing) { octets.append(octets: $0) }
    // Everybody gets what is for all.
    let isForAll = octets.prefix(6).allSatisfy { $0 == 0xff }
    guard !hasGroups || octets[0] & 1 == 0 || isForAll else { return nil }
    return NetworkFrame(octets, record.offload)
  }

  /// Whether a guest finds all of a frame: what is left free counts twice in its first page.
  private func isInReach(_ length: UInt32) -> Bool {
    guard let headroom, Self.lengths.contains(length) else { return false }
    return headroom == 0 || Int(length) + 2 * Int(headroom) <= RingLayout.pageSize
  }

  /// Describes a frame that is given.
  func describe(
    _ frame: NetworkFrame, _ record: TraceEvent.FrameRecord, _ event: TraceEvent, number: UInt64,
    knowsHash: Bool
  ) -> GivenFrame {
    let hasHeaders = record.captured == record.length || Int(record.captured) >= Self.headers
    // Who looks on sees a frame after it was hashed, by what was set then.
    let isSettled =
      event.origin == .fetched
      || lastControl.map { $0.advanced(by: Self.longestWait) < event.time } ?? true
    return GivenFrame(
      event: event, number: number, record: record,
      digest: FrameDigest(frame.octets.span.octets), previous: last,
      isHashJudged: knowsHash && hasHeaders && isSettled)
  }

  /// Notes what came of a frame that was given.
  mutating func note(_ given: GivenFrame, _ receipt: LiveReceipt) {
    last = given.digest
    misses = receipt.arrival == nil ? misses + 1 : 0
    let come = receipt.isWhole ? receipt.arrival.map { (given, $0) } : nil
    add(length: given.record.length, come, queue: Int(given.event.queue))
  }

  /// Notes a frame that was not given.
  mutating func note(notGiven record: TraceEvent.FrameRecord, queue: Int) {
    add(length: record.length, nil, queue: queue)
  }

  private mutating func add(length: UInt32, _ come: (GivenFrame, LiveArrival)?, queue: Int) {
    queues[queue].waiting.append(Waiting(length: Int(length), come: come))
  }
}

// MARK: - Packets

extension LiveRx {
  /// What a packet of the trace's is to be compared with.
  typealias Match = (packet: RxPacket, come: (given: GivenFrame, arrival: LiveArrival)?)

  /// Takes an event of a queue's RX ring.
  ///
  /// - Returns: the packet that the trace's guest has been handed with it.
  mutating func take(_ event: TraceEvent, number: UInt64, queue: Int) -> Match? {
    if case .pollEnd(.rx, _, _, _) = event.body { queues[queue].hasExpired = true }
    guard let packet = queues[queue].packets.take(event, number: number) else { return nil }
    return (packet, queues[queue].handOver(packet))
  }
}

extension LiveRx.Queue {
  /// The frame that a packet is: the first one of its length. Frames that waited too long are passed over.
  fileprivate mutating func handOver(
    _ packet: RxPacket
  ) -> (given: GivenFrame, arrival: LiveArrival)? {
    let place = packet.length.map { length in waiting.firstIndex { $0.length == length } } ?? 0
    guard let place, waiting.indices.contains(place) else { return nil }
    let come = waiting[place].come
    waiting.removeSubrange((hasExpired ? 0 : place)...place)
    hasExpired = false
    return come
  }
}
