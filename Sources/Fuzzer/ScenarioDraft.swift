import XenInterface
import XenRing

/// A scenario that is being written.
struct ScenarioDraft {
  /// Octets that a fuzz engine takes of an input at most.
  static let octetLimit = 4096
  /// Octets beyond which a scenario ends at the next moment at which nothing is under way.
  private static let enough = octetLimit * 3 / 4
  /// Octets of the longest step.
  static let stepOctets = 24
  /// Milliseconds that a scenario waits at most, in all: less than after what a guest stalls.
  private static let patience = 40_000

  private(set) var scenario: Scenario
  var pages = DraftPages()
  private var octets: Int
  private var waited = 0
  /// Whether there is something in it that a backend has to do with.
  private(set) var isPlayed = false

  init(_ vif: ScenarioVif) {
    scenario = Scenario(vif)
    octets = scenario.octets.count
  }

  /// Whether it is time for another one.
  var isLong: Bool { octets > Self.enough || waited >= Self.patience }

  /// Whether so many octets more find room.
  func hasRoom(for octets: Int) -> Bool { self.octets + octets <= Self.octetLimit }

  mutating func add(_ step: ScenarioStep) {
    scenario.steps.append(step)
    octets += step.octetCount
    switch step {
    case .publish, .frame: isPlayed = true
    default: break
    }
  }

  /// Lets time pass.
  mutating func pass(milliseconds: UInt64) {
    let time = min(milliseconds, UInt64(max(0, Self.patience - waited)))
    guard time > 0 else { return }
    waited += Int(time)
    add(.pass(milliseconds: UInt16(time)))
  }

  /// Says that there are requests up to what was written, and `beyond` more.
  mutating func publish(_ ring: ScenarioRing, beyond: UInt32 = 0) {
    add(.publish(ring, beyond: beyond, tells: true))
    pages.settle()
  }

  /// Has a page hold these octets.
  mutating func write(_ octets: ArraySlice<UInt8>, in page: UInt8, at offset: Int) {
    pages.writes(octets, in: page, at: offset).forEach { add($0) }
    pages.hold(octets, in: page, at: offset)
  }

  /// The page or number that a slot of a trace is to name, given how operations on it end.
  mutating func grant(
    _ reference: UInt32, _ status: GrantStatus?, receives: Bool = false
  ) -> ScenarioGrant {
    if status == .badGrantReference { return DraftPages.ungranted(reference) }
    let page = pages.take(reference, receives: receives)
    let refusal = status?.rawValue ?? 0
    if refusal != pages.refusal(of: page) {
      add(.refuse(page: page, status: refusal))
      pages.refuse(page, refusal)
    }
    return .page(page)
  }
}
