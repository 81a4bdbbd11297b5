public import Netback
public import Netif
public import PacketCapture
public import XenHost
public import XenInterface

/// A port at a tap device or an interface of this host.
public final class HostPort: FramePort {
  /// See `FramePort`.
  public weak var target: (any FrameTarget)?
  /// See `FramePort`.
  public private(set) var refused: UInt64 = 0

  private let link: FrameLink
  private let home: HostLoop
  private let threads: WorkerThreads?
  private var loop: HostLoop
  private let atRetirement: () -> Void
  private var finisher = FrameFinisher()
  private var isAwaited = false
  private var gathered = GatheredFrames()
  private var headers: [UInt8] = []
  private var bounds: [UInt32] = []

  /// Makes a port of a link; `loop` is woken by the frames that come in.
  ///
  /// - Parameters:
  ///   - link: where frames come from and go to.
  ///   - loop: the loop of whoever serves the vif.
  ///   - threads: whose groups may take the port over, where the link has queues.
  ///   - atRetirement: called when the port is given up.
  public init(
    _ link: FrameLink, loop: HostLoop, threads: WorkerThreads? = nil,
    atRetirement: @escaping () -> Void = {}
  ) {
    self.link = link
    home = loop
    self.threads = threads
    self.loop = loop
    self.atRetirement = atRetirement
    awaitFrames(true)
  }

  /// See `FrameSink`.
  public func deliver(_ batch: FrameBatch, queue: UInt16) {
    batch.withLinearFrames(gatheredIn: &gathered) { frames, octets in
      headers.removeAll(keepingCapacity: true)
      bounds.removeAll(keepingCapacity: true)
      for place in frames.indices {
        let frame = frames[place]
        VnetHeader(frame.offload, of: octets.extracting(frame.linear)).append(to: &headers)
        bounds.append(frame.start)
        bounds.append(frame.length)
      }
      let taken = link.send(headers: headers, bounds: bounds, octets: octets)
      refused += UInt64(frames.count - taken)
    }
  }

  /// See `FramePort`.
  public func takeFrames(atMost limit: Int, now: MonotonicInstant) -> Int {
    do throws(CaptureError) {
      return try link.take(limit) { take($0, $1, now: now) }
    } catch {
      // One that is down comes up again; from one that is gone nothing comes, and it would not let
      // the loop sleep.
      if error != .interfaceDown { awaitFrames(false) }
      return 0
    }
  }

  private func take(_ header: VnetHeader, _ octets: RawSpan, now: MonotonicInstant) {
    finisher.readFrame(octets, behind: header) { target?.take($0, $1, now: now) }
  }

  /// See `FramePort`.
  public func awaitFrames(_ isAwaited: Bool) {
    guard isAwaited != self.isAwaited else { return }
    self.isAwaited = isAwaited
    if isAwaited {
      loop.add(descriptor: link.descriptor, for: .reading, owner: self)
    } else {
      loop.remove(descriptorsOf: self)
    }
  }

  /// See `FramePort`. A host that cannot leave something to the guest does it itself.
  public func connected(_ features: NetifFeatures) {
    try? link.setCarrier(true)
    try? link.accept(
      checksum: features.isSuperset(of: [.checksumIPv4, .checksumIPv6]),
      tcpv4: features.contains(.gsoTCPv4), tcpv6: features.contains(.gsoTCPv6))
  }

  /// See `FramePort`. As with Linux's netback, the interface has no carrier then.
  public func cutOff() { try? link.setCarrier(false) }

  /// See `FramePort`.
  public func retire() {
    awaitFrames(false)
    atRetirement()
  }
}

extension HostPort: DividedPort {
  /// See `DividedPort`. An end is a queue of the tap device, and goes with it.
  public func openEnd(of queue: Int) throws(CaptureError) -> any DividedPort {
    queue == 0 ? self : HostPort(try link.openQueue(), loop: home, threads: threads)
  }

  /// See `DividedPort`.
  public func move(to group: WorkerGroup?) {
    let wasAwaited = isAwaited
    awaitFrames(false)
    loop = group.flatMap { threads?.loop(of: $0) } ?? home
    awaitFrames(wasAwaited)
  }
}
