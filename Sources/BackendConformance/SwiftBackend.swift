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
  private let path: DataPath
  private let countHoldings: () throws -> Holdings

  /// Starts a worker on an interface that is its alone.
  ///
  /// - Parameter path: how the data of packets comes.
  public init(
    xen: DomainInterface, loop: any WorldLoop, path: DataPath = .copy,
    holdings: @escaping () throws -> Holdings
  ) {
    self.xen = xen
    self.loop = loop
    self.path = path
    countHoldings = holdings
    worker = NetbackWorker(xen: xen)
    loop.add(worker)
  }

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
      xen: xen, sink: log)
    worker.add(device)
    return SwiftVif(device, log, worker, loop)
  }

  /// See `BackendUnderTest`.
  public func end() { loop.remove(worker) }
}

/// A vif of the Swift netback.
private final class SwiftVif: ServedVif {
  private let device: VifDevice
  private let log: FrameLog
  private let worker: NetbackWorker
  private let loop: any WorldLoop
  private var sent = 0

  init(_ device: VifDevice, _ log: FrameLog, _ worker: NetbackWorker, _ loop: any WorldLoop) {
    self.device = device
    self.log = log
    self.worker = worker
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
    loop.wake(worker)
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
