public import TraceFormat
import XenRing

/// Follows a trace and knows of each ring where both sides stand.
public struct RingBook {
  /// Rings that are followed; of more only the first are.
  private static let mostRings = 4096

  private var rings: [RingLane: RingSides] = [:]
  /// Whether events of a vif's queue 0 are those of a poll of its control ring.
  private var controlPolls: Set<UInt16> = []
  /// As the trace begins with them.
  private let vifs: [VifSnapshot]

  /// Begins with the state that the trace begins with.
  public init(_ header: TraceHeader) {
    vifs = header.vifs
    for (place, snapshot) in header.vifs.enumerated() {
      resume(UInt16(clamping: place), snapshot)
    }
  }

  /// Takes the next event of the trace.
  public mutating func take(_ event: TraceEvent, payload: RawSpan) {
    switch event.body {
    case .snapshot:
      if let snapshot = try? VifSnapshot(encoded: payload) { resume(event.vif, snapshot) }
    case .connected(let queues):
      forget(event.vif)
      guard Int(event.vif) < vifs.count else { return }
      resume(event.vif, vifs[Int(event.vif)].connectedAnew(queues: Int(queues)))
    case .disconnected: forget(event.vif)
    case .gap: rings.removeAll()
    default: pass(event)
    }
  }

  /// The ring that an event is about, as it stands now; `nil` for one about a vif as a whole, or when
  /// nothing is known of the ring.
  public func ring(of event: TraceEvent) -> RingSides? { lane(of: event).flatMap { rings[$0] } }

  private mutating func pass(_ event: TraceEvent) {
    if case .pollBegin(.control, _) = event.body { controlPolls.insert(event.vif) }
    defer { if case .pollEnd(.control, _, _, _) = event.body { controlPolls.remove(event.vif) } }
    guard let lane = lane(of: event), rings.count < Self.mostRings || rings[lane] != nil
    else { return }
    rings[lane, default: RingSides(lane.ring)].take(event.body)
  }

  private func lane(of event: TraceEvent) -> RingLane? {
    switch event.body {
    case .snapshot, .connected, .disconnected, .gap, .state, .key, .note: return nil
    default:
      let isControl = event.queue == 0 && controlPolls.contains(event.vif)
      return RingLane(
        vif: event.vif, queue: event.queue, ring: isControl ? .control : event.body.lane)
    }
  }

  private mutating func resume(_ vif: UInt16, _ snapshot: VifSnapshot) {
    forget(vif)
    for (queue, state) in snapshot.queues.prefix(Self.mostRings / 2).enumerated() {
      let queue = UInt16(clamping: queue)
      rings[RingLane(vif: vif, queue: queue, ring: .tx)] = RingSides(.tx, state.tx)
      rings[RingLane(vif: vif, queue: queue, ring: .rx)] = RingSides(.rx, state.rx)
    }
    if let control = snapshot.control {
      rings[RingLane(vif: vif, queue: 0, ring: .control)] = RingSides(.control, control)
    }
  }
  private mutating func forget(_ vif: UInt16) {
    rings = rings.filter { $0.key.vif != vif }
    controlPolls.remove(vif)
  }
}
