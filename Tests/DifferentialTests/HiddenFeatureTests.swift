import Netfront
@testable import RingCases
import SimulatedXen
import Testing
import XenInterface

/// Our netback, and what guests have told it that they can do.
private final class FeatureReader: CaseBackend {
  private(set) var seen: [Set<String>] = []
  private let backend: SwiftCaseBackend
  private let store: any Store

  init(_ backend: SwiftCaseBackend, _ store: any Store) {
    self.backend = backend
    self.store = store
  }

  func connected(_ path: VifPath) {
    let names = [
      "feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6", "feature-ipv6-csum-offload",
    ]
    seen.append(Set(names.compactMap { try? store.read(path.frontend + "/" + $0) }))
    backend.connected(path)
  }

  func added(_ path: VifPath) throws(CaseError) { try backend.added(path) }
  func removed(_ path: VifPath) { backend.removed(path) }
  func isDisabled(_ path: VifPath) -> Bool { backend.isDisabled(path) }
  func takeFrames(of path: VifPath) -> [FrameDigest] { backend.takeFrames(of: path) }
  func send(_ frames: [NetworkFrame], to path: VifPath) { backend.send(frames, to: path) }
}

@Suite struct `A case that hides features` {
  @Test func `says that there are none, though the guest before it had some`() throws {
    let machine = SimulatedMachine(seed: 1)
    let toolstack = machine.connect(.control)
    let reader = FeatureReader(
      SwiftCaseBackend(xen: machine.connect(.control), loop: machine.loop), toolstack.store)
    let vif = CaseVif(
      guest: machine.connect(DomainID(rawValue: 5)), toolstack: toolstack, loop: machine.loop,
      backend: reader, patience: .simulated)
    let player = try TxPlayer(on: vif)
    for hides in [false, true, false] {
      var asked = TxCase("case", CasePacket([60]))
      asked.hidesFeatures = hides
      _ = try player.play(asked)
    }
    try vif.finish()
    #expect(reader.seen == [["1"], ["0"], ["1"]])
  }
}
