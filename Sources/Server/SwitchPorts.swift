import Netback
import Netif
public import PacketCapture
public import XenInterface
import XenRing

/// Connects vifs to each other and, if there is one, to a port of the host.
public final class SwitchPorts: PortMaker {
  /// See `PortMaker`.
  public var sharedPorts: [any FramePort] { uplink.map { [$0] } ?? [] }
  private let board = Switchboard()
  private let uplink: Uplink?

  /// Makes a switch.
  ///
  /// - Parameter port: where it is connected to the host; nil for nowhere.
  public init(uplink port: (any FramePort)? = nil) {
    uplink = port.map { Uplink($0) }
    if let uplink {
      uplink.board = board
      board.connect(uplink)
    }
  }

  /// See `PortMaker`.
  public func makePort(for place: VifPlace) throws(CaptureError) -> any FramePort {
    let port = SwitchPort(board)
    board.connect(port)
    return port
  }
}

/// The host's end of a switch. Its port takes frames one by one; they go on together, so that each guest's are copied
/// at once.
private final class Uplink: FramePort, SwitchedPort, FrameTarget {
  weak var board: Switchboard?
  private let port: any FramePort
  /// What has come in, and its octets, one frame behind the other.
  private var taken: [TxFrame] = []
  private var room: [UInt8] = []
  private var sent: [TxFrame] = []

  init(_ port: any FramePort) {
    self.port = port
    port.target = self
  }

  var target: (any FrameTarget)? {
    get { port.target }
    set { port.target = newValue }
  }

  var refused: UInt64 { port.refused }

  func takeFrames(atMost limit: Int, now: MonotonicInstant) -> Int {
    let count = port.takeFrames(atMost: limit, now: now)
    guard !taken.isEmpty else { return count }
    let (frames, octets, none) = (taken, room, [FrameFragment]())
    let batch = FrameBatch(frames.span, octets: octets.span.octets, fragments: none.span)
    _ = board?.forward(batch, from: self, now: now)
    taken.removeAll(keepingCapacity: true)
    room.removeAll(keepingCapacity: true)
    return count
  }

  func take(_ octets: RawSpan, _ offload: FrameOffload, now: MonotonicInstant) {
    taken.append(
      TxFrame(
        head: RingIndex(rawValue: 0), start: UInt32(room.count), length: UInt32(octets.byteCount),
        offload: offload))
    room.append(octets: octets)
  }

  func deliver(_ batch: FrameBatch, queue: UInt16) { port.deliver(batch, queue: queue) }

  func send(_ frame: TxFrame) { sent.append(frame) }

  func end(_ batch: FrameBatch, now: MonotonicInstant) -> UInt64 {
    guard !sent.isEmpty else { return 0 }
    let before = port.refused
    port.deliver(batch.choosing(sent.span), queue: 0)
    sent.removeAll(keepingCapacity: true)
    return port.refused - before
  }

  func awaitFrames(_ isAwaited: Bool) { port.awaitFrames(isAwaited) }
  func connected(_ features: NetifFeatures) { port.connected(features) }
  func retire() { port.retire() }
}

/// A vif's end of a switch.
private final class SwitchPort: FramePort, SwitchedPort {
  weak var target: (any FrameTarget)?
  private(set) var refused: UInt64 = 0
  private let board: Switchboard
  private var sent: [TxFrame] = []
  /// The time of the last step: frames leave within a step.
  private var now = MonotonicInstant(nanoseconds: 0)

  init(_ board: Switchboard) { self.board = board }

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    refused += board.forward(batch, from: self, now: now)
  }

  func takeFrames(atMost limit: Int, now: MonotonicInstant) -> Int {
    self.now = now
    return 0
  }

  func send(_ frame: TxFrame) { sent.append(frame) }

  /// What a guest does not take counts there.
  func end(_ batch: FrameBatch, now: MonotonicInstant) -> UInt64 {
    guard !sent.isEmpty else { return 0 }
    target?.take(batch.choosing(sent.span), now: now)
    sent.removeAll(keepingCapacity: true)
    return 0
  }

  func awaitFrames(_ isAwaited: Bool) {}
  func connected(_ features: NetifFeatures) {}
  func retire() { board.disconnect(self) }
}
