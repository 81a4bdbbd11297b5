public import Netif
public import XenRing

/// The rules of the RX rings as a program that can be run: requests and frames in, answers and the guest's
/// pages out.
///
/// As `TxModel` it is what netbacks are held to, and shares only the layout of a slot with them.
public struct RxModel {
  /// What the guest says that it can do.
  public struct Guest: Sendable {
    /// Whether it takes TCP over IPv4 that is still to be cut (type 1).
    public var takesUncutIPv4 = true
    /// Whether it takes TCP over IPv6 that is still to be cut (type 2).
    public var takesUncutIPv6 = true
    /// Octets before the data in each page.
    public var headroom = 0
    /// Whether it tells of new requests: frames wait longer then.
    public var notifies = true

    /// One that can do all.
    public init() {}
  }

  /// An answered request.
  public enum Answer: Hashable, Sendable {
    /// Octets of a frame, or why there are none.
    case data(RxResponse, place: Int)
    /// An extra info.
    case extra(ExtraWords)
  }

  /// The two words of an extra info.
  public struct ExtraWords: Hashable, Sendable {
    /// Type, flags, and two octets more.
    public var low: UInt32
    /// The rest.
    public var high: UInt32
  }

  /// The extra infos of a frame, each with whether another follows.
  private struct Extras {
    private(set) var words = [3 of ExtraWords](repeating: ExtraWords(low: 0, high: 0))
    private(set) var count = 0

    mutating func append(_ extra: ExtraWords) {
      if count > 0 { words[count - 1].low |= 0x100 }
      words[count] = extra
      count += 1
    }
  }

  private struct Waiting {
    var octets: ArraySlice<UInt8>
    var offload: FrameOffload
    var hash: (type: UInt8, value: UInt32)?
    var expires: UInt64
  }

  private struct Queue {
    var ring = ModelSlots(UInt32(RxModel.slots))
    var written: UInt32
    var requested: UInt32
    var consumed: UInt32
    var start: UInt32
    var waiting: [Waiting] = []

    init(start: UInt32) {
      (written, requested, consumed, self.start) = (start, start, start, start)
    }

    mutating func restart(at start: UInt32) {
      ring.forget()
      (written, requested, consumed, self.start) = (start, start, start, start)
      waiting.removeAll(keepingCapacity: true)
    }
  }

  private static let page = 4096
  /// Slots of a ring. Linux hands over frames that need more to a guest that claims more, and so answers
  /// slots that hold its own answers; a backend need not.
  private static let slots = 256
  /// Octets that wait from which on a frame is refused.
  private static let limit = 128 * page

  /// What comes of a copy into a page: `nil` when it was done, else what Xen says.
  public typealias Copy = (_ octets: ArraySlice<UInt8>, _ grant: UInt32, _ offset: Int) -> Int16?

  private var guest: Guest
  private var queues: [Queue]
  private var answers: [[Answer]]
  private let copy: Copy

  /// A vif with some queues, whose rings start at `start`.
  public init(queues: Int, start: UInt32, guest: Guest, copy: @escaping Copy) {
    self.guest = guest
    self.copy = copy
    self.queues = Array(repeating: Queue(start: start), count: queues)
    answers = Array(repeating: [], count: queues)
  }

  /// Frames that wait for requests.
  public var waiting: Int { queues.reduce(0) { $0 + $1.waiting.count } }

  /// Another guest takes its place, with fresh rings.
  public mutating func restart(start: UInt32, guest: Guest) {
    self.guest = guest
    for queue in queues.indices { queues[queue].restart(at: start) }
  }

  /// Writes the next request of a queue.
  public mutating func write(_ request: SlotWords, queue: Int) {
    queues[queue].ring[queues[queue].written] = request
    queues[queue].written &+= 1
  }

  /// Says that there are requests up to what was written, and `beyond` more: whatever is claimed is
  /// believed, for a page that is not there cannot be written.
  public mutating func publish(queue: Int, beyond: UInt32 = 0) {
    queues[queue].requested = queues[queue].written &+ beyond
  }

  /// A frame comes for the guest, at `now` in milliseconds. It is kept as it is while it waits, not copied.
  public mutating func give(
    _ frame: ArraySlice<UInt8>, _ offload: FrameOffload, _ hash: ModelHash, now: UInt64
  ) {
    let queue = hash.algorithm == 0 ? 0 : hash.queue(of: frame.span, queues: queues.count)
    guard queues[queue].waiting.reduce(0, { $0 + $1.octets.count }) < Self.limit else { return }
    queues[queue].waiting.append(
      Waiting(
        octets: frame, offload: offload, hash: hash.hash(of: frame.span),
        expires: now + (guest.notifies ? 10_000 : 30)))
  }

  /// Hands over what the requests suffice for, then forgets what has waited too long.
  ///
  /// What it returned before is best let go by then: these answers take its room.
  ///
  /// - Returns: the answers of each queue.
  public mutating func run(now: UInt64) -> [[Answer]] {
    for queue in queues.indices {
      answers[queue].removeAll(keepingCapacity: true)
      while let frame = queues[queue].waiting.first,
        queues[queue].requested &- queues[queue].consumed >= UInt32(slots(frame)),
        slots(frame) <= Self.slots
      {
        queues[queue].waiting.removeFirst()
        deliver(frame, queue)
      }
      while let frame = queues[queue].waiting.first, frame.expires <= now {
        queues[queue].waiting.removeFirst()
      }
    }
    return answers
  }

  private var room: Int { Self.page - guest.headroom }

  private func slots(_ frame: Waiting) -> Int {
    (frame.octets.count + room - 1) / room + extras(frame).count
      + (segmentation(frame) == nil && frame.offload.segmentation != nil ? 1 : 0)
  }

  private func segmentation(_ frame: Waiting) -> Segmentation? {
    frame.offload.segmentation.flatMap { guest.takes($0) ? $0 : nil }
  }

  /// The extra infos of a frame, by their types.
  private func extras(_ frame: Waiting) -> Extras {
    var extras = Extras()
    if let segmentation = segmentation(frame) {
      extras.append(
        ExtraWords(low: 1 | UInt32(segmentation.size) << 16, high: UInt32(segmentation.type)))
    }
    if let hash = frame.hash {
      extras.append(ExtraWords(low: 4 | UInt32(hash.type) << 16 | 1 << 24, high: hash.value))
    }
    if guest.headroom > 0 {
      extras.append(ExtraWords(low: 5 | UInt32(guest.headroom) << 16, high: 0))
    }
    return extras
  }

  /// The first page's data, the extra infos, the data of the other pages.
  private mutating func deliver(_ frame: Waiting, _ queue: Int) {
    let (octets, extras) = (frame.octets, extras(frame))
    for start in stride(from: octets.startIndex, to: octets.endIndex, by: room) {
      let piece = octets[start...].prefix(room)
      var flags: RxFlags = piece.endIndex < octets.endIndex ? .moreData : []
      let isFirst = start == octets.startIndex
      if isFirst { flags.formUnion(Self.flags(frame.offload, hasExtras: extras.count > 0)) }
      answer(piece, flags, queue)
      if isFirst { for place in 0..<extras.count { answer(extras.words[place], queue) } }
    }
  }

  private static func flags(_ offload: FrameOffload, hasExtras: Bool) -> RxFlags {
    var flags: RxFlags = hasExtras ? .extraInfo : []
    switch offload.checksum {
    case .partial: flags.formUnion([.checksumBlank, .dataValidated])
    case .verified: flags.formUnion(.dataValidated)
    case .unknown: break
    }
    return flags
  }

  /// The headroom counts as delivered, though the offset stays 0.
  private mutating func answer(_ octets: ArraySlice<UInt8>, _ flags: RxFlags, _ queue: Int) {
    let (request, place) = take(queue)
    let failure = copy(octets, request[1], guest.headroom)
    let response = RxResponse(
      id: UInt16(truncatingIfNeeded: request[0]), offset: 0, flags: flags,
      status: NetifStatus(rawValue: failure ?? Int16(octets.count + guest.headroom)))
    put(response.words, queue)
    answers[queue].append(.data(response, place: place))
  }

  private mutating func answer(_ extra: ExtraWords, _ queue: Int) {
    put([extra.low, extra.high, 0, 0], queue)
    answers[queue].append(.extra(extra))
  }

  /// The next request, and its place among those of the connection.
  private func take(_ queue: Int) -> (SlotWords, Int) {
    let consumed = queues[queue].consumed
    return (queues[queue].ring[consumed], Int(consumed &- queues[queue].start))
  }

  /// Answers stand where their requests stood.
  private mutating func put(_ words: SlotWords, _ queue: Int) {
    queues[queue].ring[queues[queue].consumed] = words
    queues[queue].consumed &+= 1
  }
}

extension RxModel.Guest {
  fileprivate func takes(_ segmentation: Segmentation) -> Bool {
    switch segmentation.type {
    case 1: takesUncutIPv4
    case 2: takesUncutIPv6
    default: false
    }
  }
}
