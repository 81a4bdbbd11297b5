import TraceFormat
import XenInterface
import XenRing

/// Packets of a Perfetto trace on their way to a sink.
///
/// A track is described before the first event on it. Times never go back, so that slices nest.
struct PacketStream {
  /// Octets that are gathered before they are written.
  private static let chunk = 64 << 10
  /// All packets are of one sequence; 0 is none.
  private static let sequence: UInt64 = 1

  private let sink: any ByteSink
  private var writer = ProtobufWriter()
  private var time: UInt64 = 0
  private var flows: UInt64 = 0
  private var described: Set<UInt64> = []
  private var vifs: [UInt16: String] = [:]

  /// Begins with the names of all events.
  init(to sink: any ByteSink) {
    self.sink = sink
    putNames()
  }

  /// Makes the time of what follows `time`, unless that lies behind.
  mutating func advance(to time: MonotonicInstant) { self.time = max(self.time, time.nanoseconds) }

  /// A flow of which nothing was shown yet.
  mutating func newFlow() -> UInt64 {
    flows += 1
    return flows
  }

  /// Names a vif; one that has events already keeps its name.
  mutating func name(_ vif: UInt16, _ name: String) { vifs[vif] = name }

  /// Writes an event.
  mutating func put(_ event: TrackEvent) {
    describe(event.track)
    let time = time
    putPacket {
      $0.put(PacketField.timestamp, time)
      $0.put(PacketField.sequenceFlags, SequenceFlag.needsNames)
      $0.put(PacketField.event) { event.write(to: &$0) }
    }
  }

  /// Hands what was gathered to the sink, if it is `least` octets or more.
  mutating func flush(from least: Int = chunk) throws(TransferError) {
    guard writer.octets.count >= least else { return }
    try sink.write(writer.octets.span.octets)
    writer.removeAll()
  }
}

// MARK: - Packets

extension PacketStream {
  private mutating func putPacket(_ body: (inout ProtobufWriter) -> Void) {
    writer.put(TraceField.packet) {
      $0.put(PacketField.sequence, Self.sequence)
      body(&$0)
    }
  }

  private mutating func putNames() {
    putPacket {
      $0.put(PacketField.sequenceFlags, SequenceFlag.cleared | SequenceFlag.needsNames)
      $0.put(PacketField.internedData) { data in
        for name in EventName.allCases {
          data.put(NamesField.events) { $0.putName(name.rawValue, name.text) }
        }
        for label in Annotation.Label.allCases {
          data.put(NamesField.annotations) { $0.putName(label.rawValue, "\(label)") }
        }
      }
    }
  }

  private mutating func describe(_ track: Track) {
    guard described.insert(track.uuid).inserted else { return }
    if let parent = track.parent { describe(parent) }
    let name = track.kind == .group ? track.group.name : track.kind.name
    let vif = vifs[track.group.vif] ?? "vif number \(track.group.vif)"
    putPacket {
      $0.put(PacketField.descriptor) {
        $0.put(DescriptorField.uuid, track.uuid)
        track.parent == nil ? $0.putProcess(vif, track.group.vif) : $0.putPlace(of: track, name)
        if track.kind == .group { $0.put(DescriptorField.order, ChildOrder.byRank) }
      }
    }
  }
}

extension ProtobufWriter {
  fileprivate mutating func putName(_ number: UInt64, _ text: String) {
    put(NameField.number, number)
    put(NameField.text, text)
  }

  /// A vif stands where Perfetto has processes. Their numbers begin with 1.
  fileprivate mutating func putProcess(_ name: String, _ vif: UInt16) {
    put(DescriptorField.process) {
      $0.put(ProcessField.number, UInt64(vif) + 1)
      $0.put(ProcessField.name, name)
    }
  }

  fileprivate mutating func putPlace(of track: Track, _ name: String) {
    put(DescriptorField.name, name)
    if let parent = track.parent { put(DescriptorField.parent, parent.uuid) }
    put(DescriptorField.rank, track.rank)
    guard track.kind.isCounter else { return }
    put(DescriptorField.counter) { $0.put(CounterField.unit, CounterField.unitIsCount) }
  }
}
