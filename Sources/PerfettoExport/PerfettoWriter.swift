import Netback
import Netif
public import TraceFormat
import XenInterface
import XenRing

/// Writes what a trace holds in the form of Perfetto, to be looked at in ui.perfetto.dev.
///
/// Rings, grants and frames are tracks; flows lead from a request to the grant operations for it and to its
/// answer; counters say what is outstanding. No octet of a packet is written. Nothing grows with the length
/// of the trace.
public struct PerfettoWriter {
  /// Queues and control rings that are shown; of more only the first are.
  public static let mostRings = 1024

  private var stream: PacketStream
  private var queues: [Track.Group: QueueTracks] = [:]
  private var controls: [UInt16: ControlTracks] = [:]
  /// Events of rings that are not shown.
  private var omitted: UInt64 = 0

  /// Begins with the state that the trace begins with.
  public init(_ header: TraceHeader, to sink: any ByteSink) throws(TraceWriteError) {
    stream = PacketStream(to: sink)
    for (place, vif) in header.vifs.enumerated() { resume(UInt16(clamping: place), vif) }
    try flush()
  }

  /// Takes the next event of the trace.
  public mutating func append(
    _ event: TraceEvent, payload: RawSpan
  ) throws(TraceWriteError) {
    stream.advance(to: event.time)
    take(event, payload)
    try flush()
  }

  /// Writes what is left.
  ///
  /// - Returns: events of rings that are not shown.
  public consuming func finish() throws(TraceWriteError) -> UInt64 {
    do throws(TransferError) { try stream.flush(from: 1) } catch { throw .transfer(error) }
    return omitted
  }

  private mutating func flush() throws(TraceWriteError) {
    do throws(TransferError) { try stream.flush() } catch { throw .transfer(error) }
  }
}

// MARK: - Events

extension PerfettoWriter {
  private mutating func take(_ event: TraceEvent, _ payload: RawSpan) {
    switch event.body {
    case .state, .key, .connected, .note: tell(event, payload)
    case .disconnected, .disabled:
      tell(event, payload)
      forget { $0 == event.vif }
    case .gap:
      tell(event, payload)
      forget { _ in true }
    case .snapshot:
      tell(event, payload)
      if let vif = try? VifSnapshot(encoded: payload) { resume(event.vif, vif) }
    case .memory: break
    case .grantCopy:
      let isOfControlRing = event.queue == 0 && controls[event.vif]?.isInPoll == true
      isOfControlRing ? takeControl(event) : takeQueue(event)
    default: event.body.isOfControlRing ? takeControl(event) : takeQueue(event)
    }
  }

  private mutating func takeControl(_ event: TraceEvent) {
    guard controls[event.vif] != nil || hasRoom else { return omitted &+= 1 }
    controls[event.vif, default: ControlTracks(of: event.vif)].take(event.body, &stream)
  }

  private mutating func takeQueue(_ event: TraceEvent) {
    let group = Track.Group.queue(event.queue, of: event.vif)
    guard queues[group] != nil || hasRoom else { return omitted &+= 1 }
    queues[group, default: QueueTracks(group)].take(event, &stream)
  }

  private var hasRoom: Bool { queues.count + controls.count < Self.mostRings }

  /// Goes on from what a snapshot says of a vif.
  private mutating func resume(_ place: UInt16, _ vif: VifSnapshot) {
    stream.name(place, "vif\(vif.domain.rawValue).\(vif.handle.rawValue)")
    forget { $0 == place }
    if controls[place] != nil || vif.control != nil && hasRoom {
      controls[place, default: ControlTracks(of: place)].resume(vif.control, &stream)
    }
    for (number, queue) in vif.queues.enumerated() {
      let group = Track.Group.queue(UInt16(clamping: number), of: place)
      guard queues[group] != nil || hasRoom else { return }
      queues[group, default: QueueTracks(group)].resume(
        queue, of: vif, headers: vif.headerPages(ofQueue: number), &stream)
    }
  }

  /// Ends what is under way at some vifs.
  private mutating func forget(where isMeant: (UInt16) -> Bool) {
    for vif in controls.keys where isMeant(vif) { controls[vif]?.forget(&stream) }
    for group in queues.keys where isMeant(group.vif) { queues[group]?.forget(&stream) }
  }
}

// MARK: - A vif's life

extension PerfettoWriter {
  private mutating func tell(_ event: TraceEvent, _ payload: RawSpan) {
    guard let (name, annotations) = event.body.news(payload) else { return }
    stream.instant(name, on: Track(group: .vif(event.vif), kind: .life), annotations)
  }
}

extension TraceEvent.Body {
  /// Whether it is of the control ring, whatever else goes on.
  fileprivate var isOfControlRing: Bool {
    switch self {
    case .slot(.control, _, _), .requestProducer(.control, _), .responseProducer(.control, _),
      .eventIndex(.control, _, _), .notification(.control, _), .pollBegin(.control, _),
      .pollEnd(.control, _, _, _), .controlResponse:
      true
    default: false
    }
  }

  /// What it says of the vif as a whole.
  fileprivate func news(_ payload: RawSpan) -> (EventName, [Annotation])? {
    switch self {
    case .state(let state, let side):
      (.state, [Annotation(.state, "\(state)"), Annotation(.of, "\(side)")])
    case .key(let side, _): (.key, [Annotation(.of, "\(side)"), Annotation(.text, payload.text)])
    case .connected(let queues): (.connected, [Annotation(.queues, queues)])
    case .disconnected: (.disconnected, [])
    case .disabled(let rule): (.cutOff, [Annotation(.rule, TxViolation.name(ofCode: rule))])
    case .gap(let lost): (.gap, [Annotation(.lost, lost)])
    case .note: (.note, [Annotation(.text, payload.text)])
    case .snapshot: (.snapshot, [])
    default: nil
    }
  }
}

extension RawSpan {
  /// The octets as text; what is no UTF-8 is replaced.
  fileprivate var text: String {
    var octets: [UInt8] = []
    octets.append(octets: self)
    return String(decoding: octets, as: UTF8.self)
  }
}
