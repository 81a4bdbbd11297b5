import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

// Vifs as they are connected, and as snapshots have them.

extension StallDiagnosis {
  /// The rings of a vif are gone.
  mutating func close(_ vif: UInt16, at place: TracePlace) {
    letGo(at: place, .ringGone) { $0.vif == vif }
    closed.insert(vif)
  }

  /// Events are missing, and nobody knows whose.
  mutating func goBlind(at place: TracePlace) {
    letGo(at: place, .eventsLost) { _ in true }
    vifs.removeAll()
    (isBlind, hasGap) = (true, true)
  }

  /// A snapshot that cannot be read says nothing; a replay complains of it.
  mutating func resume(_ event: TraceEvent, _ payload: RawSpan, at place: TracePlace) {
    guard let snapshot = try? VifSnapshot(encoded: payload) else {
      return close(event.vif, at: place)
    }
    resume(event.vif, snapshot, at: place, event.time)
  }

  mutating func resume(
    _ vif: UInt16, _ snapshot: VifSnapshot, at place: TracePlace, _ time: MonotonicInstant
  ) {
    var configuration = VifConfiguration(
      domain: snapshot.domain, handle: snapshot.handle, profile: header.profile,
      features: snapshot.features)
    configuration.receiveHeadroom = snapshot.headroom ?? 0
    vifs[vif] = configuration
    guard !snapshot.isDisabled else { return close(vif, at: place) }
    closed.remove(vif)
    for (number, queue) in snapshot.queues.prefix(Self.mostRings).enumerated() {
      for (ring, indices) in [(TraceRing.tx, queue.tx), (.rx, queue.rx)] {
        with(RingLane(vif: vif, queue: UInt16(clamping: number), ring: ring)) {
          $0.resume(as: configuration, indices, of: queue, at: place, time, &$1)
        }
      }
    }
    guard let control = snapshot.control else { return }
    with(RingLane(vif: vif, queue: 0, ring: .control)) {
      $0.resume(as: configuration, control, of: nil, at: place, time, &$1)
    }
  }

  /// Without a snapshot behind it, a connection has fresh rings.
  mutating func connect(_ event: TraceEvent, queues: Int, at place: TracePlace) {
    letGo(at: place, .ringGone) { $0.vif == event.vif }
    guard let known = vif(event.vif) else { return }
    let vif = VifSnapshot(domain: known.domain, handle: known.handle, features: known.features)
    resume(event.vif, vif.connectedAnew(queues: queues), at: place, event.time)
  }
}
