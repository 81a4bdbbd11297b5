public import Netback
public import Netif
public import XenInterface
import XenRing

/// A vif with its port. Frames that come in at the port go to the guest, on the queue that their flow
/// chooses; where groups serve the queues, each has a lane of its own to an end of the port.
public final class ServedVif: FrameTarget {
  /// Frames that one step takes from a port at most.
  static let budget = 64
  /// Any key will do: nobody but us looks at these hashes.
  private static let flowKey = {
    let octets: [40 of UInt8] = InlineArray { UInt8(truncatingIfNeeded: ($0 + 1) * 89) }
    return ToeplitzKey(octets.span.octets)
  }()

  /// Which it is.
  public let place: VifPlace
  /// Its life on xenbus, and its data path.
  public let device: VifDevice
  /// What the port was handed from the guest.
  public var fromGuest: FrameCounters {
    if let lanes { return lanes.counters.fromGuest }
    var counters = sink.counters
    counters.refused = port.refused
    return counters
  }
  /// What was queued for the guest.
  public var toGuest: FrameCounters {
    guard let lanes else { return queued }
    var counters = lanes.counters.toGuest
    counters.add(queued)
    return counters
  }
  /// Whether frames were queued since the last poll.
  var isFed = false
  /// What was last said of it.
  var standing = VifStanding()

  private let port: any FramePort
  private var finisher = FrameFinisher()
  private var gathered: [UInt8] = []
  private let sink: CountingSink
  private let lanes: QueueLanes?
  /// What came in at the port itself.
  private var queued = FrameCounters()

  /// - Parameter pool: groups that are to serve the queues. They do where the port has ends for them and
  ///   the path suits them.
  init(
    _ place: VifPlace, port: any FramePort, offer: VifOffer, path: DataPath, xen: DomainInterface,
    pool: WorkerPool?
  ) throws(VifError) {
    self.place = place
    self.port = port
    let divided = pool != nil && path.suitsGroups ? port as? any DividedPort : nil
    lanes = divided.map { QueueLanes($0, count: offer.maximumQueues) }
    sink = CountingSink(port)
    device = try VifDevice(
      configuration: VifConfiguration(domain: place.domain, handle: place.handle, path: path),
      offer: offer, xen: xen, sink: lanes ?? sink, pool: lanes == nil ? nil : pool,
      ends: lanes?.lanes ?? [])
    port.target = self
  }

  /// See `FrameTarget`. What the guest cannot do with a frame is done first; without a guest that
  /// listens, the frame is dropped.
  public func take(_ octets: RawSpan, _ offload: FrameOffload, now: MonotonicInstant) {
    let features = device.vif.context.configuration.features
    let isPossible = finisher.fit(octets, offload, to: features) { send($0, $1, now: now) }
    if !isPossible { queued.refused += 1 }
  }

  /// See `FrameTarget`. Frames that the guest takes as they are go to it at once while it has room for
  /// them; the others are gathered first, and wait.
  public func take(_ batch: FrameBatch, now: MonotonicInstant) {
    var next = 0
    while next < batch.frames.count {
      next += forward(batch, from: next, now: now)
      guard next < batch.frames.count else { return }
      let frame = batch.frames[next]
      let isReached: Void? = batch.withOctets(of: frame, gatheredIn: &gathered) {
        take($0, frame.offload, now: now)
      }
      if isReached == nil { queued.refused += 1 }
      next += 1
    }
  }

  /// Hands frames from `start` on straight to the guest, as many as can go unchanged on one queue.
  ///
  /// - Returns: how many were taken.
  private func forward(_ batch: FrameBatch, from start: Int, now: MonotonicInstant) -> Int {
    let features = device.vif.context.configuration.features
    var chosen: Int?
    var end = start
    while end < batch.frames.count {
      let frame = batch.frames[end]
      let header = batch.linear(frame)
      guard device.vif.takesUnchanged(header), features.takes(frame.offload, of: header) else {
        break
      }
      let queue = queue(for: header)
      guard queue == chosen ?? queue else { break }
      chosen = queue
      end += 1
    }
    guard let chosen else { return 0 }
    let taken = device.forward(batch.extracting(start..<end), queue: chosen, now: now)
    for place in start..<(start + taken) {
      queued.count(Int(batch.frames[place].length), batch.frames[place].offload)
    }
    return taken
  }

  private func send(_ octets: RawSpan, _ offload: FrameOffload, now: MonotonicInstant) {
    let isTaken = device.send(octets, offload: offload, queue: queue(for: octets), now: now)
    queued.count(octets.byteCount, offload, isTaken: isTaken)
    if isTaken { isFed = true }
  }

  /// The queue for a frame that begins so, by its flow.
  private func queue(for octets: RawSpan) -> Int {
    guard device.vif.queues.count > 1 else { return 0 }
    return Int(FlowKey(octets, types: .all)?.hash(with: Self.flowKey).value ?? 0)
      % device.vif.queues.count
  }

  /// Takes a bounded number of frames from the port, as many as the guest has room for. Those that
  /// come while no guest is connected are dropped.
  ///
  /// - Returns: whether more may be waiting.
  func takeFrames(now: MonotonicInstant) -> Bool {
    guard !isInLanes else { return false }
    // The end of a queue may have been somebody else's.
    port.target = self
    return port.takeFrames(now: now) { room }
  }

  /// Whether all frames are others' to take.
  private var isInLanes: Bool { lanes != nil && !device.vif.queues.isEmpty }

  private var room: Int { device.vif.queues.isEmpty ? Self.budget : device.vif.room }

  /// After a poll: the port wakes us when there is room for what it brings.
  func rest() { if !isInLanes { port.awaitFrames(room > 0) } }

  /// The guest has connected.
  func tellPort() { port.connected(device.vif.context.configuration.features) }

  /// The guest was cut off.
  func cutOffPort() { port.cutOff() }

  /// The vif is gone for good.
  func retire() { port.retire() }
}

/// Counts what a guest sends on its way to the port.
private final class CountingSink: FrameSink {
  private(set) var counters = FrameCounters()
  private let port: any FramePort

  init(_ port: any FramePort) { self.port = port }

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    counters.count(batch)
    port.deliver(batch, queue: queue)
  }
}
