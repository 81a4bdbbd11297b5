package import Netif
import XenInterface
import XenRing

/// A frame that waits for the guest; its octets lie in the queue's storage.
struct WaitingFrame: BitwiseCopyable {
  var start: Int
  var length: Int
  var offload: FrameOffload
  /// When it is dropped if it still waits.
  var expires: MonotonicInstant

  /// Whether it needs a page and nothing beside, where pages begin with no headroom.
  var fillsOneSlot: Bool {
    length <= RingLayout.pageSize && offload.segmentation == nil && offload.hash == nil
  }
}

extension VifConfiguration {
  /// RX requests that a frame of `length` octets needs (Linux: `xenvif_update_needed_slots`, which
  /// forgets the headroom and its extra and takes requests that are not there).
  package func neededSlots(_ offload: FrameOffload = FrameOffload(), length: Int) -> UInt32 {
    let room = RingLayout.pageSize - Int(receiveHeadroom)
    let pages = (length + room - 1) / room
    let extras = (offload.segmentation == nil ? 0 : 1) + (offload.hash == nil ? 0 : 1)
    let all = UInt32(pages + extras + (receiveHeadroom == 0 ? 0 : 1))
    return all &- receiveRules.slotsMissing
  }
}

/// The bounded queue of frames for a guest (Linux: `xenvif_rx_queue_tail`). Its storage grows to twice
/// of what waits.
struct RxFrameQueue: ~Copyable {
  /// Octets of the largest frame.
  static let largestFrame = 65535

  /// Octets from which on a further frame is refused.
  private let limit: Int
  /// Octets that the storage grows to.
  private var capacity: Int { 2 * (limit + Self.largestFrame) }

  private var storage: [UInt8] = []
  private var frames = PlainList<WaitingFrame>(room: Int(NetifLimits.ringSize))
  private var next = 0
  private var tail = 0
  /// Octets that wait.
  private(set) var octetCount = 0

  /// An empty queue.
  init(limit: Int) { self.limit = limit }

  /// The frame that is delivered next.
  var first: WaitingFrame? { next < frames.count ? frames[next] : nil }
  /// Frames that wait.
  var count: Int { frames.count - next }
  /// Frames of any length that can surely be appended.
  var room: Int { (max(0, limit - octetCount) + Self.largestFrame - 1) / Self.largestFrame }

  /// Appends a frame, or refuses it because the queue is full or the frame is empty or too large.
  mutating func append(
    _ octets: RawSpan, _ offload: FrameOffload, expires: MonotonicInstant
  ) -> Bool {
    let length = octets.byteCount
    guard octetCount < limit, length > 0, length <= Self.largestFrame else { return false }
    if count == 0 { startOver() }
    if tail + length > storage.count { makeRoom(for: length) }
    let end = tail
    withStorage { $0.setOctets(octets, at: end) }
    frames.append(WaitingFrame(start: tail, length: length, offload: offload, expires: expires))
    tail += length
    octetCount += length
    return true
  }

  /// Takes the first frame; its octets stay until the next `append`.
  mutating func removeFirst() {
    octetCount -= frames[next].length
    next += 1
  }

  /// Hands every waiting frame to `body`.
  func forEach(_ body: (WaitingFrame, RawSpan) -> Void) {
    for place in next..<frames.count {
      let frame = frames[place]
      let range = frame.start..<(frame.start + frame.length)
      body(frame, storage.span.octets.extracting(range))
    }
  }

  /// All octets, in which frames lie at their `start`.
  mutating func withStorage(_ body: (inout MutableRawSpan) -> Void) {
    var octets = storage.mutableSpan
    var bytes = octets.octets
    body(&bytes)
  }
  /// Forgets all frames.
  mutating func removeAll() {
    startOver()
    octetCount = 0
  }

  /// Goes back to the front of the storage, which is in the cache. Nothing waits.
  private mutating func startOver() {
    frames.removeAll()
    next = 0
    tail = 0
  }

  private mutating func makeRoom(for length: Int) {
    let wanted = min(2 * (octetCount + length), capacity)
    if wanted > storage.count {
      let size = min(max(wanted, 2 * storage.count), capacity)
      storage.append(contentsOf: repeatElement(0, count: size - storage.count))
    }
    if tail + length > storage.count { compact() }
  }

  /// Moves what waits to the front. Fits always: what waits is less than half of the storage.
  private mutating func compact() {
    let start = first?.start ?? tail
    let length = tail - start
    withStorage { $0.moveToFront(from: start, count: length) }
    frames.removeFirst(next)
    next = 0
    for place in frames.indices { frames[place].start -= start }
    tail = length
  }
}
