import Netback
import Netif
import SimulatedXen
import XenInterface
import XenRing

/// Our backend and the one in C, driven by the same guest over the same pages.
final class ThroughputDuel {
  private let load: ThroughputLoad
  private let site: DuelSite
  private let guest: GuestThread
  private let reference: ReferenceBackend
  private let sink = SummingSink()
  private let cores: GuestThread.Cores

  init(_ load: ThroughputLoad, on cores: GuestThread.Cores) throws {
    self.load = load
    self.cores = cores
    site = try DuelSite(load.path, access: .readOnly, sink: sink)
    guest = try GuestThread(load, over: site.memory)
    reference = try ReferenceBackend(load, over: site.memory)
  }

  /// Seconds of a round of ours.
  func timeOurs() throws -> Double {
    try guest.start(on: cores)
    let attached = try BackRing<SharedPage, TxRequest, TxResponse>(attaching: site.ring.ringPage(0))
    let queue = TxQueue(ring: attached, context: site.context, queue: 0)
    let now = site.machine.loop.now
    sink.forget()
    return try measure {
      while sink.frames < load.packets, !site.context.isDisabled { _ = queue.poll(now: now) }
      return (sink.frames, sink.sum)
    }
  }

  /// Seconds of a round of the reference's.
  func timeReference() throws -> Double {
    try guest.start(on: cores)
    return try measure { reference.run(load.packets) }
  }

  private func measure(_ body: () -> (frames: UInt64, sum: UInt64)) throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    guest.go()
    let seen = body()
    let seconds = (clock.now - start) / .seconds(1)
    guest.join(atOnce: seen.frames < load.packets)
    guard seen.frames == load.packets, seen.sum == expectedSum, guest.wrongAnswers == 0 else {
      throw ThroughputFault()
    }
    return seconds
  }

  /// The sum over the first eight octets of each piece of each packet.
  private var expectedSum: UInt64 {
    load.mapsRest ? guest.headSum &+ guest.tailSum : guest.headSum
  }
}

/// A backend did not do what was asked, so its speed means nothing.
struct ThroughputFault: Error, CustomStringConvertible {
  let description = "a backend lost, changed or wrongly answered a packet"
}

extension ThroughputLoad {
  /// Whether what lies behind the first octets is read where it lies.
  var mapsRest: Bool { slots == 1 && size > path.copiedLength ?? NetifLimits.linearLength }
}
