import Netif
import Recorder
import Replayer
import SimulatedXen
import Testing
import TestSupport
import TraceFormat
import XenInterface
import XenRing

@Suite struct FaithfulReplayTests {
  @Test(arguments: AnswerOrder.allCases, [UInt64(1), 2])
  func `what a simulated guest did is replayed without a difference`(
    _ order: AnswerOrder, _ seed: UInt64
  ) throws {
    let octets = try record(.init(seed: seed, order: order), steps: 20, snapLength: 160)
    let report = try replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.matched > 1000)
    #expect(report.frames > 50)
    #expect(report.independentShare == 1)
  }

  @Test(arguments: [UInt32(0), 14, 65535])
  func `a trace that was cut, or not, is replayed without a difference`(_ snap: UInt32) throws {
    let report = try replay(try record(.init(seed: 4), steps: 3, snapLength: snap))
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.matched > 100)
  }
}
