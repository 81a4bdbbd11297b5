import Netback
import Netif
import PacketCapture
import Synchronization
import XenInterface
import XenRing

/// A queue of a vif that groups serve, with its end of the port: what comes in there goes to the guest on
/// this queue, what the guest sends on it leaves there. Nothing of it is shared with other queues.
final class QueueLane {
  /// What has crossed, both ways.
  struct Counters: Sendable {
    var fromGuest = FrameCounters()
    var toGuest = FrameCounters()
  }

  private let number: Int
  private let port: any DividedPort
  private var end: (any DividedPort)?
  private var finisher = FrameFinisher()
  /// The queue, while it is fed.
  private var queue: VifQueue?
  private var counted = Counters()
  /// A copy of what is counted, for others; nobody but they may make us wait for it.
  private let published = Mutex(Counters())

  init(_ number: Int, of port: any DividedPort) {
    self.number = number
    self.port = port
  }

  /// What has crossed until the last poll. Any thread may ask.
  var counters: Counters { published.withLock { $0 } }
}

extension QueueLane: QueueEnd {
  func open() throws(VifError) {
    do throws(CaptureError) { end = try port.openEnd(of: number) } catch { throw .noEnd }
  }

  func close() { end = nil }

  func move(to group: WorkerGroup?) {
    end?.move(to: group)
    end?.target = self
  }

  func feed(_ queue: VifQueue, now: MonotonicInstant) -> Bool {
    self.queue = queue
    defer { self.queue = nil }
    return end?.takeFrames(now: now) { queue.rx.room } ?? false
  }

  func rest(_ queue: VifQueue) {
    end?.awaitFrames(queue.rx.room > 0)
    published.withLock { $0 = counted }
  }
}

extension QueueLane: FrameTarget {
  func take(_ octets: RawSpan, _ offload: FrameOffload, now: MonotonicInstant) {
    guard let queue else { return }
    let isPossible = finisher.fit(octets, offload, to: queue.features) {
      let isTaken = queue.send($0, offload: $1, now: now)
      counted.toGuest.count($0.byteCount, $1, isTaken: isTaken)
    }
    if !isPossible { counted.toGuest.refused += 1 }
  }
}

extension QueueLane: FrameSink {
  func deliver(_ batch: FrameBatch, queue: UInt16) {
    guard let end else { return }
    counted.fromGuest.count(batch)
    let before = end.refused
    end.deliver(batch, queue: queue)
    counted.fromGuest.refused += end.refused - before
  }
}

/// The lanes of a vif, by the numbers of its queues.
final class QueueLanes: FrameSink {
  let lanes: [QueueLane]

  init(_ port: any DividedPort, count: UInt32) {
    lanes = (0..<Int(count)).map { QueueLane($0, of: port) }
  }

  /// What has crossed on all.
  var counters: QueueLane.Counters {
    lanes.reduce(into: QueueLane.Counters()) { sum, lane in
      let counters = lane.counters
      sum.fromGuest.add(counters.fromGuest)
      sum.toGuest.add(counters.toGuest)
    }
  }

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    lanes[Int(queue)].deliver(batch, queue: queue)
  }
}
