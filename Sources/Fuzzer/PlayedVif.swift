import Netback
import Netif
import Oracle
import XenInterface
import XenRing

/// What the rings of a played vif share.
final class PlayedVif {
  /// Queues of the vif, of which the first is played; frames for others are only looked after that far.
  static let queues = 2

  /// What the guest is like.
  private(set) var vif: ScenarioVif
  let pages: PlayedPages
  let frames: PlayedFrames
  let context: VifContext
  let seam: ScenarioSeam
  /// What came of the step under way, if it is to be told.
  var told: [String]?
  /// What the TX ring must be answered in the step under way, if that is wanted.
  var answers: [ModelAnswer]?
  /// The rule by which the guest ought to be cut off.
  var cutOffRule: String?
  var isCutOff: Bool { cutOffRule != nil }

  init(_ vif: ScenarioVif, _ seam: ScenarioSeam) {
    self.vif = vif
    self.seam = seam
    pages = PlayedPages(liesAboutMaps: seam.way.path != .lazy)
    frames = PlayedFrames(holds: seam.way.holds)
    var configuration = VifConfiguration(
      domain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0), profile: vif.profile,
      order: .completion, path: seam.way.path.dataPath,
      features: vif.features.intersection(ScenarioVif.features))
    configuration.receiveHeadroom = vif.headroom
    seam.configure(&configuration)
    context = VifContext(configuration: configuration, grants: seam.grants(pages), sink: frames)
    context.queueCount = Self.queues
  }

  /// Another guest takes its place, of the same profile.
  func restart(_ vif: ScenarioVif) {
    self.vif = vif
    cutOffRule = nil
    told = told == nil ? nil : []
    pages.restart()
    context.restart(
      features: vif.features.intersection(ScenarioVif.features), headroom: vif.headroom)
  }

  func checkCutOff() throws(ScenarioFinding) {
    guard context.isDisabled == isCutOff else { throw .cutOff(wanted: isCutOff) }
  }

  /// Checks that no more pages are mapped than may be.
  func checkMapped(atMost most: Int) throws(ScenarioFinding) {
    guard pages.mapped <= most else { throw .mapped(most: most, got: pages.mapped) }
  }

  /// The queue that a frame goes to; without a hash algorithm the first.
  func queue(for offload: FrameOffload) -> Int {
    let hash = context.hash
    return hash.algorithm == .none ? 0 : hash.queue(for: offload.hash, of: Self.queues)
  }

  static func instant(_ milliseconds: UInt64) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: milliseconds * 1_000_000)
  }

  /// A ring that starts where its page says; there both producers are the same.
  static func attach<Request: RingSlot, Response: RingSlot>(
    _ ring: PlayedRing
  ) -> BackRing<PlayedRing, Request, Response> {
    do throws(RingViolation) { return try BackRing(attaching: ring) } catch {
      preconditionFailure("a fresh ring is refused: \(error)")
    }
  }
}
