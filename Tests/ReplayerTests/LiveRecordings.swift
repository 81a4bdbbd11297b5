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
    /// Nothing: it is not there.
    case nobody
  }

  /// - Parameters:
  ///   - fault: what it does with frames for its guest.
  ///   - change: what is taken away of its rules.
  init(
    profile: RuleProfile = .linux, path: DataPath = .copy, sight: Sight = .frames,
    fault: FrameFault? = nil,
    changing change: @escaping (inout VifConfiguration) -> Void = { _ in }
  ) {
    let backend = SwiftCaseBackend(
      xen: machine.connect(.control), loop: machine.loop, path: path, profile: profile)
    backend.change = change
    vif = CaseVif(
      guest: machine.connect(DomainID(rawValue: 5)), toolstack: machine.connect(.control),
      loop: machine.loop, backend: Self.behind(sight, fault, backend),
      patience: CaseVif.Patience(rest: 20_000_000, grace: 1_000_000, interval: 50_000))
  }

  private static func behind(
    _ sight: Sight, _ fault: FrameFault?, _ backend: SwiftCaseBackend
  ) -> any CaseBackend {
    if let fault { return FaultyNetwork(backend, fault) }
    return sight == .frames ? backend : HiddenBackend(backend, sight)
  }

  /// A machine whose guest has a vif that others have made.
  static func given() throws -> (machine: SimulatedMachine, path: VifPath, vif: CaseVif) {
    let machine = SimulatedMachine(seed: 4)
    let path = VifPath(frontendDomain: DomainID(rawValue: 7), handle: VifHandle(rawValue: 2))
    let guest = machine.connect(path.frontendDomain)
    let backend = SwiftCaseBackend(xen: machine.connect(.control), loop: machine.loop)
    let directories = VifDirectories(path, store: machine.connect(.control).store)
    try directories.create()
    try backend.added(path)
    try directories.reportHotplug()
    let vif = CaseVif(
      guest: guest, given: path, loop: machine.loop, backend: backend, patience: .simulated)
    return (machine, path, vif)
  }

  /// Replays a trace of one vif on it.
  func replay(_ octets: [UInt8]) throws -> ReplayReport {
    try LiveReplayer { _ in vif }.replay(MemorySource(octets))
  }

  /// Replays a trace of one vif on it and on another, which it is compared with.
  func replay(_ octets: [UInt8], against other: LiveMachine) throws -> ReplayReport {
    try LiveReplayer(against: { _ in other.vif }) { _ in vif }.replay(MemorySource(octets))
  }

  /// Replays events.
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
  func added(_ path: VifPath) throws(CaseError) {
    if sight != .nobody { try backend.added(path) }
  }
  func connected(_ path: VifPath) {
    backend.connected(path)
    if sight == .nothing { backend.removed(path) }
  }
  func removed(_ path: VifPath) { backend.removed(path) }
  func isDisabled(_ path: VifPath) -> Bool { false }
  func takeFrames(of path: VifPath) -> [FrameDigest] { [] }
  func send(_ frames: [NetworkFrame], to path: VifPath) {}
}

/// A backend whose network does not bring frames as they are.
private final class FaultyNetwork: CaseBackend {
  private let backend: SwiftCaseBackend
  private let fault: FrameFault

  init(_ backend: SwiftCaseBackend, _ fault: FrameFault) {
    self.backend = backend
    self.fault = fault
  }

  func added(_ path: VifPath) throws(CaseError) { try backend.added(path) }
  func connected(_ path: VifPath) { backend.connected(path) }
  func removed(_ path: VifPath) { backend.removed(path) }
  func isDisabled(_ path: VifPath) -> Bool { backend.isDisabled(path) }
  func takeFrames(of path: VifPath) -> [FrameDigest] { backend.takeFrames(of: path) }
  func send(_ frames: [NetworkFrame], to path: VifPath) {
    backend.send(frames.flatMap(fault.frames), to: path)
  }
}

extension Recorded {
  /// The number of the first event like this.
  func first(_ isMeant: (TraceEvent.Body) -> Bool) -> UInt64? {
    events.firstIndex { isMeant($0.event.body) }.map(UInt64.init)
  }
}
