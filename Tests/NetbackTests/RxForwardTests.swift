import Netback
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

@Suite struct `Frames that go from vif to vif` {
  /// Sizes around the linear area, pages and slots.
  static let packets: [[UInt16]] = [
    [60], [128], [129], [100, 28], [100, 29], [4096], [128, 4096], [128, 3968], [128, 3969],
    [14, 4082, 4096, 4096], [4096, 4096, 4096, 1], [14] + Array(repeating: 3000, count: 17),
    Array(repeating: 64, count: 19),
  ]

  @Test(arguments: packets, [UInt16(0), 1, 256])
  func `arrive as those that wait, and answers are the same`(
    _ sizes: [UInt16], _ headroom: UInt16
  ) throws {
    let straight = try Forwarding(path: .lazy, headroom: headroom)
    let waiting = try Forwarding(path: .copy, headroom: headroom)
    for forwarding in [straight, waiting] {
      forwarding.target.offer((0..<40).map { UInt16($0) })
      forwarding.source.publish(
        forwarding.source.packet(sizes) + forwarding.source.packet([200, 300]))
      forwarding.source.pollAll()
    }
    waiting.target.poll()
    #expect(straight.sink.taken == 2)
    #expect(waiting.sink.taken == 0)
    #expect(straight.target.statuses == waiting.target.statuses)
    #expect(straight.target.answers.map { $0[0] } == waiting.target.answers.map { $0[0] })
    for page in 0..<straight.target.answers.count {
      #expect(straight.target.octets(ofPage: page) == waiting.target.octets(ofPage: page))
    }
    #expect(straight.source.statuses() == waiting.source.statuses())
    #expect(straight.machine.counters.mapCalls == 0)
  }

  @Test(arguments: [DataPath.map, .lazy])
  func `take one copy from page to page for each piece`(_ path: DataPath) throws {
    let forwarding = try Forwarding(path: path)
    forwarding.target.offer([0, 1])
    forwarding.source.publish(forwarding.source.packet([128, 4000, 68]))
    forwarding.source.pollAll()
    #expect(forwarding.target.statuses == [4096, 100])
    // From the first guest's page; into the second's: the linear part, 3968 and 32 octets of a
    // page, and the rest.
    #expect(forwarding.machine.counters.copyOperations == 1 + 1 + 3)
    #expect(forwarding.machine.counters.mappedPages == 0)
  }

  @Test func `wait, owned, when the guest has no pages for them`() throws {
    let forwarding = try Forwarding(path: .lazy)
    forwarding.source.publish(forwarding.source.packet([128, 4000]))
    forwarding.source.pollAll()
    #expect(forwarding.source.statuses() == [.okay, .okay])
    #expect(forwarding.target.queue.waitingFrames == 1)
    #expect(forwarding.machine.counters.mappedPages == 0)
    forwarding.target.offer([0, 1])
    // It would overtake the first one.
    forwarding.source.publish(forwarding.source.packet([100]))
    forwarding.source.pollAll()
    #expect(forwarding.sink.taken == 0)
    forwarding.target.poll()
    #expect(forwarding.target.statuses == [4096, 32])
  }

  @Test func `carry an error where a page of either guest cannot be reached`() throws {
    let forwarding = try Forwarding(path: .lazy)
    let target = forwarding.target
    for grant in [target.grant(0), RxBench.badGrant, target.grant(2)] {
      target.put(RxRequest(id: 0, grant: grant))
    }
    target.publish()
    forwarding.source.publish(
      forwarding.source.packet([128, 200])
        + forwarding.source.packet([128]) + forwarding.source.packet([100]))
    forwarding.source.revoke(page: 1)
    forwarding.source.pollAll()
    let (withdrawn, bad) = (GrantStatus.generalError, GrantStatus.badGrantReference)
    #expect(target.statuses == [withdrawn.rawValue, bad.rawValue, 100])
  }
}

/// Two guests on a machine; what the first sends goes to the second.
private final class Forwarding {
  let machine = SimulatedMachine(seed: 1)
  let target: RxBench
  let source: TxBench
  let sink: ForwardingSink

  init(path: DataPath, headroom: UInt16 = 0) throws {
    target = try RxBench(machine: machine, headroom: headroom)
    sink = ForwardingSink(target.queue, isStraight: path != .copy)
    source = try TxBench(path: path, machine: machine, domain: 2, sink: sink)
  }
}

/// Hands frames to a queue of another vif; those that it does not take at once wait there.
private final class ForwardingSink: FrameSink {
  private let queue: RxQueue<ScriptedMemory>
  private let isStraight: Bool
  private(set) var taken = 0

  init(_ queue: RxQueue<ScriptedMemory>, isStraight: Bool) {
    self.queue = queue
    self.isStraight = isStraight
  }

  func deliver(_ batch: FrameBatch, queue number: UInt16) {
    let now = MonotonicInstant(nanoseconds: 0)
    let first = isStraight ? queue.forward(batch, now: now).packets : 0
    taken += first
    var octets: [UInt8] = []
    for place in first..<batch.frames.count {
      let frame = batch.frames[place]
      guard batch.gather(frame, in: &octets) else { continue }
      _ = queue.enqueue(octets.span.octets, offload: frame.offload, now: now)
    }
  }
}
