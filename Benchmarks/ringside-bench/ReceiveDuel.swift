import CBenchReference
import Netback
import Netif
import SimulatedXen
import XenInterface
import XenRing

/// Our backend and the one in C, handing frames to the same guest over the same pages.
final class ReceiveDuel {
  private let load: ThroughputLoad
  private let site: DuelSite
  private let guest: ReceiverThread
  private let reference: ReferenceSender
  private let cores: GuestThread.Cores
  private var frame: [UInt8]

  /// - Parameter load: `burst` is how many frames are queued at a time.
  init(_ load: ThroughputLoad, on cores: GuestThread.Cores) throws {
    self.load = load
    self.cores = cores
    site = try DuelSite(load.path, access: .readWrite, sink: SummingSink())
    guest = try ReceiverThread(load, over: site.memory)
    reference = try ReferenceSender(load, over: site.memory)
    frame = Array(repeating: 1, count: Int(load.size))
  }

  /// Seconds of a round of ours.
  func timeOurs() throws -> Double {
    try guest.start(on: cores)
    let attached = try BackRing<SharedPage, RxRequest, RxResponse>(attaching: site.ring.ringPage(0))
    let queue = RxQueue(ring: attached, context: site.context, queue: 0)
    let now = site.machine.loop.now
    return try measure { send(to: queue, now: now) }
  }

  /// Seconds of a round of the reference's.
  func timeReference() throws -> Double {
    try guest.start(on: cores)
    return try measure { reference.run(load.packets) }
  }

  private func send(to queue: RxQueue<SharedPage>, now: MonotonicInstant) -> UInt64 {
    var (sent, sum) = (UInt64(0), UInt64(0))
    while (sent < load.packets || queue.waitingFrames > 0), !site.context.isDisabled {
      let count = queue.waitingFrames > 0 ? 0 : min(UInt64(load.burst), load.packets - sent)
      for _ in 0..<count {
        sum &+= mark(sent)
        guard queue.enqueue(frame.span.octets, offload: FrameOffload(), now: now) else { return 0 }
        sent += 1
      }
      _ = queue.poll(now: now)
    }
    return sum
  }

  /// Writes what the next frame begins with, and returns it.
  private func mark(_ number: UInt64) -> UInt64 {
    let mark = bench_frame_mark(number)
    for octet in 0..<8 { frame[octet] = UInt8(truncatingIfNeeded: mark >> (8 * octet)) }
    return mark
  }

  private func measure(_ body: () -> UInt64) throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    guest.go()
    let sum = body()
    let seconds = (clock.now - start) / .seconds(1)
    guest.join(atOnce: sum == 0)
    guard sum != 0, guest.sum == sum, guest.wrongAnswers == 0 else { throw ThroughputFault() }
    return seconds
  }
}
