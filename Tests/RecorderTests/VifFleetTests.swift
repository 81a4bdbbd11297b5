import Netback
import Netif
import Recorder
import Testing
import TraceFormat
import XenInterface

/// A host whose vifs come and go as a test says, and their recorders.
private final class Host {
  struct Refusal: Error {}

  var vifs: [FleetVif] = []
  var refused: Set<FleetVif> = []
  private(set) var recorders: [FleetVif: MadeUpRecorder] = [:]
  private(set) var attempts = 0
  private(set) var said: [String] = []
  private var seconds: UInt64 = 0
  private lazy var fleet = VifFleet { [unowned self] in
    vifs
  } make: { [unowned self] vif in
    attempts += 1
    guard !refused.contains(vif) else { throw Refusal() }
    let recorder = try MadeUpRecorder()
    recorders[vif] = recorder
    return recorder
  } tell: { [unowned self] vif, news in
    let word =
      switch news {
      case .began: "began"
      case .ended: "ended"
      case .failed: "failed"
      }
    said.append("\(vif.domain.rawValue) \(word)")
  }

  var recorded: [UInt16] { fleet.vifs.map(\.domain.rawValue) }
  var progress: RecordingProgress { fleet.progress }

  /// Lets so many seconds go by, in looks of a second.
  func run(_ count: UInt64 = 1) {
    for _ in 0..<count {
      fleet.step(now: MonotonicInstant(nanoseconds: seconds * 1_000_000_000))
      seconds += 1
    }
  }

  func finish() { fleet.finish() }
}

/// A recorder that fails when it is told to.
private final class MadeUpRecorder: FleetRecorder {
  let recording: Recording
  var fails = false
  private(set) var steps = 0
  private(set) var isFinished = false

  init() throws {
    recording = try Recording(into: MemoryFiles()) {
      TraceHeader(
        source: .byHand, clock: .simulated, profile: .linux, snapLength: 0, tool: "", vifs: [])
    }
  }

  func step(now: MonotonicInstant) throws -> Bool {
    guard !fails else { throw Host.Refusal() }
    steps += 1
    recording.receive(
      TraceEvent(time: now, origin: .observed, .disconnected), payload: RawSpan())
    return true
  }

  func finish() throws -> RecorderReport {
    isFinished = true
    return try recording.finish()
  }
}

@Suite struct `A fleet of recorders` {
  private func vif(_ domain: UInt16) -> FleetVif {
    FleetVif(domain: DomainID(rawValue: domain), handle: VifHandle(rawValue: 0))
  }

  @Test func `records vifs from when they come to when they go`() throws {
    let host = Host()
    host.run()
    #expect(host.recorded == [])
    host.vifs = [vif(5), vif(3)]
    host.run(3)
    #expect(host.recorded == [3, 5])
    host.vifs = [vif(5), vif(7)]
    host.run()
    #expect(host.recorded == [5, 7])
    #expect(host.said == ["5 began", "3 began", "3 ended", "7 began"])
    #expect(host.recorders[vif(3)]?.isFinished == true)
    #expect(host.recorders[vif(5)]?.steps == 4)
    // Those that are gone count on.
    #expect(host.progress.events == 3 + 4 + 1)
    host.finish()
    #expect(host.recorded == [] && host.recorders[vif(5)]?.isFinished == true)
  }

  @Test func `tries a vif that cannot be recorded again, ever less often, and records the others`()
  {
    let host = Host()
    host.vifs = [vif(1), vif(2)]
    host.refused = [vif(1)]
    host.run(31)
    #expect(host.recorded == [2])
    // At once, after 10 seconds and after 20 more.
    #expect(host.said == ["1 failed", "2 began", "1 failed", "1 failed"])
    host.refused = []
    host.run(41)
    #expect(host.recorded == [1, 2])
    #expect(host.said.last == "1 began")
  }

  @Test func `goes on without a recorder that fails, and begins it anew`() {
    let host = Host()
    host.vifs = [vif(1), vif(2)]
    host.run(2)
    host.recorders[vif(1)]?.fails = true
    host.run()
    #expect(host.recorded == [2])
    #expect(host.recorders[vif(1)]?.isFinished == true)
    host.run(12)
    #expect(host.recorded == [1, 2])
    #expect(host.said == ["1 began", "2 began", "1 failed", "1 began"])
  }
}
