public import TraceFormat
import XenRing

/// Makes scenarios of what a trace says that guests did: for each queue, one after the other.
///
/// Slots and extra infos are as they were; references become one of sixteen pages, and pages hold the headers
/// that were captured. What the backend did is left out: playing them says it anew. A scenario is as long as
/// a fuzz engine takes it; it ends where nothing is under way, or else between two packets.
public struct TraceScenarios {
  /// Queues that are followed at most.
  private static let mostLanes = 1024

  private let header: TraceHeader
  private var lanes: [Lane: ScenarioLane] = [:]
  /// Vifs whose connection's snapshot is still to come.
  private var connecting: Set<UInt16> = []
  private var finished: [Scenario] = []

  private struct Lane: Hashable {
    let vif: UInt16
    let queue: UInt16
  }

  /// Begins with the vifs of the header.
  public init(_ header: TraceHeader) {
    self.header = header
    for (place, vif) in header.vifs.enumerated() { open(UInt16(clamping: place), vif) }
  }

  /// Takes the next event.
  public mutating func take(_ event: TraceEvent, payload: RawSpan) {
    switch event.body {
    case .gap: end { _ in true }
    case .connected: connecting.insert(event.vif)
    case .snapshot:
      guard let snapshot = try? VifSnapshot(encoded: payload) else { return }
      open(event.vif, snapshot)
    default: pass(event, payload)
    }
  }

  /// Events were passed over: what was known of vifs holds no more, and each begins with its snapshot.
  public mutating func leap() {
    lanes.removeAll()
    connecting.removeAll()
    finished.removeAll()
  }

  /// Drops what was gathered: scenarios begin with the next event, in the state that is known.
  public mutating func restart() {
    for lane in lanes.keys { lanes[lane]?.restart() }
    finished.removeAll()
  }

  /// The scenarios that are finished since this was asked; none is empty.
  public mutating func takeFinished() -> [Scenario] {
    defer { finished.removeAll() }
    return finished
  }

  /// Finishes those under way.
  public mutating func finish() { end { _ in true } }

  private mutating func pass(_ event: TraceEvent, _ payload: RawSpan) {
    let lane = Lane(vif: event.vif, queue: event.queue)
    lanes[lane]?.take(event, payload)
    finished += lanes[lane]?.takeFinished() ?? []
  }

  /// A vif as it stands: a scenario goes on where it is as the scenario left it.
  private mutating func open(_ place: UInt16, _ snapshot: VifSnapshot) {
    let isFresh = connecting.remove(place) != nil
    end { $0.vif == place && $0.queue >= snapshot.queues.count }
    for (number, queue) in snapshot.queues.enumerated() where lanes.count < Self.mostLanes {
      let lane = Lane(vif: place, queue: UInt16(clamping: number))
      if lanes[lane]?.resume(snapshot, queue, isFresh: isFresh) == true { continue }
      end { $0 == lane }
      lanes[lane] = ScenarioLane(header.profile, snapshot, queue)
    }
  }

  private mutating func end(_ isMeant: (Lane) -> Bool) {
    for lane in lanes.keys.filter(isMeant).sorted(by: { ($0.vif, $0.queue) < ($1.vif, $1.queue) }) {
      finished += lanes[lane]?.end() ?? []
      lanes[lane] = nil
    }
  }
}
