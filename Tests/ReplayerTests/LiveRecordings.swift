import Netback
import Netfront
import Netif
import Recorder
import Replayer
import RingCases
import SimulatedXen
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

/// The Swift netback behind xenbus, on a machine of its own, and a guest to be played in front of it.
struct LiveMachine {
  let machine = SimulatedMachine(seed: 3)
  let vif: CaseVif

  /// What its guest gets to see.
  enum Sight {
    /// The ring, the frames and the end.
    case frames
    /// The ring.
    case ring
    /// Nothing: it does not look at the ring.
    case nothing
  }

  /// - Parameters:
  ///   - change: what is taken away of its rules.
  init(
    profile: RuleProfile = .linux, path: DataPath = .copy, sight: Sight = .frames,
    changing change: @escaping (inout VifConfiguration) -> Void = { _ in }
  ) {
    let backend = SwiftCaseBackend(
      xen: machine.connect(.control), loop: machine.loop, path: path, profile: profile)
    backend.change = change
    vif = CaseVif(
      guest: machine.connect(DomainID(rawValue: 5)), toolstack: machine.connect(.control),
      loop: machine.loop, backend: sight == .frames ? backend : HiddenBackend(backend, sight),
      patience: .simulated)
  }

  /// Replays a trace of one vif on it.
  func replay(_ octets: [UInt8]) throws -> ReplayReport {
    try LiveReplayer { _ in vif }.replay(MemorySource(octets))
  }

  /// The same of events.
  func replay(_ recorded: Recorded) throws -> ReplayReport {
    try replay(try recorded.octets())
  }
}

/// A backend of which its guest sees the ring and no more.
private final class HiddenBackend: CaseBackend {
  private let backend: SwiftCaseBackend
  private let sight: LiveMachine.Sight

  init(_ backend: SwiftCaseBackend, _ sight: LiveMachine.Sight) {
    self.backend = backend
    self.sight = sight
  }

  var seesFrames: Bool { false }
  func added(_ path: VifPath) throws(CaseError) { try backend.added(path) }
  func connected(_ path: VifPath) {
    backend.connected(path)
    if sight == .nothing { backend.removed(path) }
  }
  func removed(_ path: VifPath) { backend.removed(path) }
  func isDisabled(_ path: VifPath) -> Bool { false }
  func takeFrames(of path: VifPath) -> [FrameDigest] { [] }
  func send(_ frames: [CaseFrame], to path: VifPath) {}
}

extension Recorded {
  /// The trace as a file.
  func octets() throws -> [UInt8] {
    let sink = MemorySink()
    var writer = try TraceWriter(header, to: sink)
    for entry in events {
      try writer.append(entry.event, payload: entry.payload.span.octets)
    }
    _ = try writer.finish()
    return sink.octets
  }

  /// The number of the first event like this.
  func first(_ isMeant: (TraceEvent.Body) -> Bool) -> UInt64? {
    events.firstIndex { isMeant($0.event.body) }.map(UInt64.init)
  }
}
