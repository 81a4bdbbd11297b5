public import Netif
public import XenInterface
public import XenRing

/// What a vif needs of one connected queue.
public struct VifQueueRings: ~Copyable {
  var tx: SharedPage
  var rx: SharedPage
  let headers: HeaderArea?
  let persists: Bool

  /// Takes the mapped ring pages.
  ///
  /// - Parameters:
  ///   - tx: the page of the TX ring.
  ///   - rx: the page of the RX ring.
  ///   - headers: where the first octets of packets may lie.
  ///   - persists: whether requests say which pages may stay mapped.
  public init(
    tx: consuming SharedPage, rx: consuming SharedPage, headers: HeaderArea? = nil,
    persists: Bool = false
  ) {
    self.tx = tx
    self.rx = rx
    self.headers = headers
    self.persists = persists
  }
}

/// What a TX queue goes on from when its ring was in use before.
public struct VifQueuePast: Hashable, Sendable {
  /// Index of the next request to take; `nil` when all that were taken are answered.
  public var taken: RingIndex?
  /// Requests that were taken and wait for their release.
  public var unanswered: [TxAnswer]

  /// Describes a past; none by default.
  public init(taken: RingIndex? = nil, unanswered: [TxAnswer] = []) {
    self.taken = taken
    self.unanswered = unanswered
  }
}

/// One queue of a vif: a TX and an RX ring.
public final class VifQueue {
  /// Packets from the guest.
  public let tx: TxQueue<SharedPage>
  /// Packets to the guest.
  public let rx: RxQueue<SharedPage>
  /// What the guest has staged of it; `nil` where data comes another way.
  public let staging: StagingTable?
  /// Where the first octets of its packets may lie.
  let headers: HeaderArea?
  private let context: QueueContext

  fileprivate init(
    _ rings: consuming VifQueueRings, context: VifContext, index: UInt16, credit: CreditScheduler,
    past: VifQueuePast
  ) throws(RingViolation) {
    let rings = rings
    self.context = context.queue(index)
    headers = rings.headers
    let configuration = context.configuration
    staging =
      configuration.path.keepsPages || rings.headers != nil
      ? StagingTable(
        before: context.grants, domain: configuration.domain, followsRequests: rings.persists)
      : nil
    tx = TxQueue(
      ring: try BackRing(attaching: rings.tx, taken: past.taken), context: context, queue: index,
      staging: staging, credit: credit, unanswered: past.unanswered, headers: rings.headers)
    rx = RxQueue(
      ring: try BackRing(attaching: rings.rx), context: context, queue: index, staging: staging)
  }

  /// Packets that it has carried, both ways; it goes on when the vif connects again. Any thread may ask.
  var packetCount: UInt64 { context.counters.txPackets.now &+ context.counters.rxPackets.now }

  /// What the guest can receive. Asked by whoever serves the queue.
  public var features: NetifFeatures {
    context.refresh()
    return context.configuration.features
  }

  /// Has grant operations done by the device of whoever serves the queue from now on.
  func use(_ grants: any GrantDevice) { context.grants = grants }

  /// Queues a frame from the network for the guest, whatever queue its flow would choose. Called by
  /// whoever serves the queue, between two polls.
  ///
  /// - Returns: whether it was taken. Multicast that the guest did not ask for is not.
  public func send(_ octets: RawSpan, offload: FrameOffload, now: MonotonicInstant) -> Bool {
    guard let offload = context.admit(octets, offload) else { return false }
    return rx.enqueue(octets, offload: offload, now: now)
  }
}

/// A vif's data path: its queues and what they share. It knows no store and no event channel.
public final class Vif {
  /// What the queues share.
  public let context: VifContext
  /// The connected queues; none while there is no frontend.
  public private(set) var queues: [VifQueue] = [] {
    didSet {
      context.queueCount = queues.count
      context.staging = queues.compactMap(\.staging)
    }
  }
  /// The control ring; none while the frontend has connected none.
  public private(set) var control: ControlQueue<SharedPage>?

  /// Makes a vif without queues.
  public init(context: VifContext) { self.context = context }

  /// Adds a queue on the rings of a frontend, at the indices that stand in them.
  ///
  /// - Throws: `RingViolation` when a producer is further ahead than a ring holds; nothing is kept.
  @discardableResult
  public func addQueue(
    _ rings: consuming VifQueueRings, credit: CreditScheduler = .unlimited,
    past: VifQueuePast = VifQueuePast()
  ) throws(RingViolation) -> VifQueue {
    let index = UInt16(queues.count)
    let queue = try VifQueue(rings, context: context, index: index, credit: credit, past: past)
    queues.append(queue)
    return queue
  }

  /// Takes the frontend's control ring, at the index that stands in it.
  ///
  /// - Throws: `RingViolation` when the producer is further ahead than the ring holds.
  public func addControl(_ page: consuming SharedPage) throws(RingViolation) {
    control = ControlQueue(ring: try BackRing(attaching: page), context: context)
  }

  /// Lets go of the control ring. What it has set stays.
  public func removeControl() { control = nil }

  /// Lets go of all queues, and so of their rings. What frames wait is dropped, and so is the
  /// multicast list; a vif that was cut off stays so.
  public func removeQueues() {
    queues.removeAll()
    if context.configuration.lifeRules.forgetsAddresses { context.forgetAddresses() }
  }

  /// Frames of the guest's that somebody holds beyond their delivery (`FrameBatch.keep`).
  public var heldFrameCount: Int { queues.reduce(0) { $0 + $1.tx.heldFrameCount } }

  /// Frames of any length and flow that can surely be queued; 0 without queues.
  public var room: Int { queues.map(\.rx.room).min() ?? 0 }

  /// Queues a frame from the network for the guest. Where groups have threads, each sends on its own
  /// queues instead: see `VifQueue.send`.
  ///
  /// - Parameters:
  ///   - octets: the frame.
  ///   - offload: what is left to be done to it.
  ///   - queue: place of the queue, taken modulo their number; it counts while the guest has chosen no
  ///     hash algorithm.
  ///   - now: the time by the clock of the worker's loop.
  /// - Returns: whether it was taken. Multicast that the guest did not ask for is not.
  public func send(
    _ octets: RawSpan, offload: FrameOffload, queue: Int, now: MonotonicInstant
  ) -> Bool {
    guard let (chosen, offload) = choose(for: octets, offload, queue: queue) else { return false }
    return queues[chosen].rx.enqueue(octets, offload: offload, now: now)
  }

  /// Whether a frame that begins so can go to the guest unchanged (`RxQueue.forward`): the guest asked
  /// for it, and has not chosen a hash that would have to go with it.
  public func takesUnchanged(_ octets: RawSpan) -> Bool {
    !queues.isEmpty && context.hash.algorithm == .none
      && context.admit(octets, FrameOffload()) != nil
  }

  /// The queue for a frame, and what travels beside it, with its hash where the guest asks for one;
  /// `nil` when the guest does not want the frame, or has no queue.
  func choose(
    for octets: RawSpan, _ offload: FrameOffload, queue: Int
  ) -> (queue: Int, FrameOffload)? {
    guard !queues.isEmpty, let offload = context.admit(octets, offload) else { return nil }
    let hash = context.hash
    guard hash.algorithm != .none else { return (queue % queues.count, offload) }
    return (hash.queue(for: offload.hash, of: queues.count), offload)
  }
}
