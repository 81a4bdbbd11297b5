public import Netback
public import Netfront
public import Netif
import WorldConformance
public import XenInterface
import XenRing

/// The Swift netback as the backend under test, on any world.
public final class SwiftBackend: BackendUnderTest {
  private let xen: DomainInterface
  private let loop: any WorldLoop
  private let worker: NetbackWorker
  private let groups: [WorkerGroup]
  private let pool: WorkerPool?
  private let path: DataPath
  private let countHoldings: () throws -> Holdings

  /// Starts a worker on an interface that is its alone.
  ///
  /// - Parameters:
  ///   - xen: the interface.
  ///   - loop: calls the worker.
  ///   - path: how the data of packets comes.
  ///   - interfaces: an interface for each group that is to serve the queues; none for the worker
  ///     itself.
  ///   - holdings: what is held of guests at that moment.
  public init(
    xen: DomainInterface, loop: any WorldLoop, path: DataPath = .copy,
    groups interfaces: [DomainInterface] = [],
    holdings: @escaping () throws -> Holdings
  ) {
    self.xen = xen
    self.loop = loop
    self.path = path
    countHoldings = holdings
    worker = NetbackWorker(xen: xen)
    groups = interfaces.map { WorkerGroup(xen: $0) }
    pool = groups.isEmpty ? nil : WorkerPool(groups: groups)
    for worker in workers { loop.add(worker) }
  }

  private var workers: [any Worker] { [worker] + groups }

  /// See `BackendUnderTest`.
  public var holdings: Holdings { get throws { try countHoldings() } }

  /// See `BackendUnderTest`.
  public var wantsStagedPages: Bool { path == .staged }

  /// See `BackendUnderTest`.
  public func serve(_ path: VifPath) throws -> any ServedVif {
    let log = FrameLog()
    let device = try VifDevice(
      configuration: VifConfiguration(
        domain: path.frontendDomain, handle: path.handle, path: self.path),
      xen: xen, sink: log, pool: pool)
    worker.add(device)
    return SwiftVif(device, log, worker, wakes: workers, loop)
  }

  /// See `BackendUnderTest`.
  public func end() { for worker in workers { loop.remove(worker) } }
}

/// A vif of the Swift netback.
private final class SwiftVif: ServedVif {
  private let device: VifDevice
  private let log: FrameLog
  private let worker: NetbackWorker
  /// One of them serves its queues.
  private let workers: [any Worker]
  private let loop: any WorldLoop
  private var sent = 0

  init(
    _ device: VifDevice, _ log: FrameLog, _ worker: NetbackWorker, wakes workers: [any Worker],
    _ loop: any WorldLoop
  ) {
    self.device = device
    self.log = log
    self.worker = worker
    self.workers = workers
    self.loop = loop
  }

  var hasCarrier: Bool { device.vif.context.hasCarrier }

  func bringUp() {}

  func send(_ octets: RawSpan) throws {
    let now = loop.now
    // Each frame to the next queue.
    let isTaken = device.send(octets, offload: FrameOffload(), queue: sent, now: now)
    try expect(isTaken, "the backend refused a frame for the guest")
    sent += 1
    for worker in workers { loop.wake(worker) }
  }

  func takeFrame() -> [UInt8]? { log.take()?.octets }

  func retire() { worker.remove(device) }
}

/// Keeps what a guest sent.
public final class FrameLog: FrameSink {
  /// A frame.
  public struct Entry: Hashable, Sendable {
    /// Its octets.
    public var octets: [UInt8]
    /// What travelled beside them.
    public var offload: FrameOffload
    /// The queue it was sent on.
    public var queue: UInt16
  }

  /// The frames that were not taken out, in order.
  public private(set) var entries: [Entry] = []

  /// Keeps nothing yet.
  public init() {}

  /// See `FrameSink`.
  public func deliver(_ batch: FrameBatch, queue: UInt16) {
    for place in batch.frames.indices {
      let frame = batch.frames[place]
      var octets: [UInt8] = []
      guard batch.gather(frame, in: &octets) else { continue }
      entries.append(Entry(octets: octets, offload: frame.offload, queue: queue))
    }
  }

  /// Takes the first frame out; `nil` when there is none.
  public func take() -> Entry? { entries.isEmpty ? nil : entries.removeFirst() }
}
