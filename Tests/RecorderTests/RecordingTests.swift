import Netif
import Recorder
import SimulatedXen
import Testing
import TestSupport
import TraceFormat
import XenInterface
import XenRing

@Suite struct RecordingTests {
  @Test func `the same seed gives the same file`() throws {
    func file() throws -> [UInt8] {
      let guest = try SimulatedGuest(.init(seed: 5))
      let files = MemoryFiles()
      let recorder = try TapRecorder(
        [guest.device], describedBy: .init(clock: .simulated, snapLength: 200), into: files,
        now: guest.now)
      try guest.connect()
      for _ in 0..<4 { try guest.step() }
      let report = try recorder.finish()
      #expect(report.totals.fromGuest > 0)
      #expect(report.totals.toGuest > 0)
      return try #require(files.contents.first).octets
    }
    #expect(try file() == file())
  }
}
