internal import Recorder
internal import Replayer
internal import TraceFormat
internal import XenInterface

/// Tells a flight recorder of rings that stand still, by the rules of `ringside show --diagnose`.
final class StandingRings: StallWatch {
  /// A stall, while it lasts.
  private struct Key: Hashable {
    var domain: DomainID
    var handle: VifHandle
    var queue: UInt16
    var ring: TraceRing
    var cause: Stall.Cause
    var begin: TracePlace
  }

  private var diagnosis: StallDiagnosis
  private let vifs: [VifName]
  private var told: Set<Key> = []

  init(_ header: TraceHeader) {
    diagnosis = StallDiagnosis(header)
    vifs = header.vifs.map { VifName(domain: $0.domain, handle: $0.handle) }
  }

  func take(_ event: TraceEvent, payload: RawSpan) { diagnosis.take(event, payload: payload) }

  func standing(at time: MonotonicInstant) -> [StandingRing] {
    let stalls = diagnosis.standing(at: time)
    let keys = stalls.map { stall in
      Key(
        domain: stall.domain, handle: stall.handle, queue: stall.queue, ring: stall.ring,
        cause: stall.cause, begin: stall.begin)
    }
    defer { told = Set(keys) }
    return zip(stalls, keys).filter { !told.contains($1) }.map { stall, _ in
      StandingRing(vif: place(of: stall), words: stall.summary)
    }
  }

  private func place(of stall: Stall) -> UInt16 {
    let place = vifs.firstIndex { $0.domain == stall.domain && $0.handle == stall.handle }
    return UInt16(clamping: place ?? 0)
  }
}

extension Stall {
  /// What and where, in a line.
  fileprivate var summary: String {
    let queue = ring == .control ? "" : "queue \(queue), "
    return "\(cause.name), \(queue)\(ring) ring"
  }
}
