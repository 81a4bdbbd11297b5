import Netback
import Netfront
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

@Suite struct `Frames into staged pages` {
  @Test func `a queued frame is put into staged pages without Xen`() throws {
    let bench = try RxBench()
    try bench.stage(0..<3)
    bench.offer([1, 2, 3])
    let frame = pattern(10_000)
    #expect(bench.send(frame))
    #expect(bench.poll().packets == 1)
    #expect(bench.statuses == [4096, 4096, 1808])
    #expect(bench.machine.counters.copyCalls == 0)
    #expect(bench.octets(ofPage: 2, first: 1808) == Array(frame[8192...]))
    #expect(bench.context.statistics.rxStaged == tally(slots: 3, octets: 10_000))
  }

  @Test func `slots that are not staged are left to Xen`() throws {
    let bench = try RxBench()
    try bench.stage(1..<2)
    bench.offer([1, 2, 3])
    let frame = pattern(10_000)
    #expect(bench.send(frame))
    bench.poll()
    #expect(bench.statuses == [4096, 4096, 1808])
    #expect(bench.grants.copies.map(\.length) == [4096, 1808])
    #expect(bench.octets(ofPage: 1, first: 4096) == Array(frame[4096..<8192]))
  }

  @Test(arguments: [RuleProfile.linux, .netif], [false, true])
  func `a page that is staged for reading is refused for RX`(
    _ profile: RuleProfile, _ isQueued: Bool
  ) throws {
    let bench = try RxBench(profile: profile)
    try bench.stage(0..<1)
    try bench.stage(1..<2, isReadOnly: true)
    try bench.stage(2..<3)
    bench.offer([1, 2, 3])
    let before = bench.octets(ofPage: 1, first: 4096)
    if isQueued {
      #expect(bench.send(pattern(10_000)))
    } else {
      _ = bench.sendAtOnce(pattern(10_000))
    }
    bench.poll()
    #expect(bench.statuses == [4096, -1, 1808])
    #expect(bench.octets(ofPage: 1, first: 4096) == before)
    #expect(bench.machine.counters.copyCalls == 0)
  }

  @Test func `a fully staged frame is there, answered and told of in the caller's turn`() throws {
    let bench = try RxBench()
    try bench.stage(0..<2)
    bench.offer([7, 8])
    let frame = pattern(6000)
    let sending = bench.sendAtOnce(frame)
    #expect(sending.isTaken && sending.isDelivered && sending.notification == .required)
    #expect(bench.queue.waitingFrames == 0)
    #expect(bench.statuses == [4096, 1904])
    #expect(bench.octets(ofPage: 0, first: 4096) + bench.octets(ofPage: 1, first: 1904) == frame)
    #expect(bench.poll().packets == 0)
    #expect(bench.context.statistics.rxPackets == 1 && bench.context.statistics.rxAtOnce == 1)
    #expect(bench.context.statistics.rxOctets == 6000)
    // Only the first answer was asked to be told of.
    bench.offer([9, 10])
    #expect(bench.sendAtOnce(pattern(60)).notification == .suppressed)
  }

  @Test func `a frame with extras finds them behind its first slot in the caller's turn, too`()
    throws
  {
    let bench = try RxBench()
    try bench.stage(0..<3)
    bench.offer([1, 2, 3])
    let offload = FrameOffload(
      checksum: .partial, segmentation: Segmentation(size: 1400, type: Segmentation.tcpv4))
    #expect(bench.sendAtOnce(pattern(5000), offload).isDelivered)
    #expect(bench.answers.count == 3)
    #expect(RxResponse(words: bench.answers[0]).flags.contains(.extraInfo))
    #expect(RxResponse(words: bench.answers[2]).status.rawValue == 904)
  }

  @Test func `a frame waits when one of its slots is not staged`() throws {
    let bench = try RxBench()
    try bench.stage(0..<1)
    bench.offer([1, 2])
    let sending = bench.sendAtOnce(pattern(6000))
    #expect(sending.isTaken && !sending.isDelivered)
    #expect(bench.queue.waitingFrames == 1 && bench.answers.isEmpty)
    bench.poll()
    #expect(bench.statuses == [4096, 1904])
  }

  @Test func `a frame waits while the guest offers too few pages`() throws {
    let bench = try RxBench()
    try bench.stage(0..<4)
    bench.offer([1])
    #expect(!bench.sendAtOnce(pattern(6000)).isDelivered)
    #expect(bench.poll().packets == 0)
    bench.offer([2])
    #expect(bench.poll().packets == 1)
  }

  @Test func `no frame goes past another that waits`() throws {
    let bench = try RxBench()
    try bench.stage(0..<4)
    #expect(bench.send(pattern(60)))
    bench.offer([1, 2, 3])
    #expect(!bench.sendAtOnce(pattern(70)).isDelivered)
    #expect(bench.poll().packets == 2)
    #expect(bench.statuses == [60, 70])
    #expect(bench.sendAtOnce(pattern(80)).isDelivered)
    #expect(bench.statuses == [60, 70, 80])
  }

  @Test(arguments: [0, 65536])
  func `a frame of no octets or too many is refused`(_ count: Int) throws {
    let bench = try RxBench()
    try bench.stage(0..<70)
    bench.offer(Array(0..<70))
    #expect(!bench.sendAtOnce([UInt8](repeating: 1, count: count)).isTaken)
    #expect(bench.context.statistics.rxRefused == 1 && bench.answers.isEmpty)
  }

  @Test func `a guest that was cut off gets nothing in the caller's turn`() throws {
    let bench = try RxBench()
    try bench.stage(0..<2)
    bench.offer([1, 2])
    bench.context.resumeDisabled()
    #expect(!bench.sendAtOnce(pattern(60)).isTaken)
    #expect(bench.answers.isEmpty)
  }

  /// The look ahead decides only about when: what is taken decides about all else.
  @Test func `a slot that changes between look and take is used as it was taken`() throws {
    let bench = try RxBench()
    try bench.stage(0..<1)
    bench.offer([1])
    bench.memory.answerLaterReads(at: bench.slot(0) + 4, with: [bench.grant(5).rawValue])
    #expect(bench.sendAtOnce(pattern(60)).isDelivered)
    #expect(bench.statuses == [60])
    #expect(bench.octets(ofPage: 5, first: 60) == pattern(60))
    #expect(bench.octets(ofPage: 0, first: 60) != pattern(60))
    #expect(bench.grants.copies.map(\.grant) == [bench.grant(5)])
  }

  @Test func `a guest is told through its port of what is delivered in the caller's turn`() throws {
    let rig = try StagingRig(queues: 1)
    let all = rig.front.queues[0].stagedPages.count
    #expect(try rig.front.stagePages(until: rig.world.later) == all)
    let queue = rig.front.queues[0]
    for place in 0..<4 {
      queue.rx.put(RxRequest(id: UInt16(place), grant: queue.rxPages.grant(of: place)))
    }
    queue.rx.publish()
    queue.rx.armResponseEvent()
    let before = rig.world.machine.counters
    let isTaken = rig.world.device.send(
      pattern(60).span.octets, offload: FrameOffload(), queue: 0, now: rig.world.machine.loop.now)
    let after = rig.world.machine.counters
    #expect(isTaken)
    #expect(after.notifications - before.notifications == 1)
    #expect(after.copyCalls == before.copyCalls)
    let answer = try #require(try queue.rx.takeResponse())
    #expect(RxResponse(words: answer.words).status.rawValue == 60)
  }
}
