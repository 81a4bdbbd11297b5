import Netif
public import TraceFormat
import XenInterface
import XenRing

/// Writes a trace as a pcapng file: its frames as packets, with what became of each beside it, and its other
/// events as packets of a second interface (Documentation/Wireshark.md).
public struct CaptureWriter: ~Copyable {
  /// The numbers of a vif's two interfaces.
  private struct Interfaces {
    var name: VifName?
    var frames: UInt32
    var rings: UInt32
  }

  /// Octets that are written at once, about.
  private static var chunk: Int { 64 << 10 }

  private let sink: any ByteSink
  private let wallTime: UInt64
  private var blocks = PcapngBlocks()
  private var line = CaptureLine()
  private var stories: PacketStories
  private var names: [UInt16: VifName] = [:]
  private var interfaces: [UInt16: Interfaces] = [:]
  private var interfaceCount: UInt32 = 0
  private var number: UInt64 = 0
  /// Nanoseconds from the trace's clock to the time since 1970; nil before the first event.
  private var clockOffset: UInt64?

  /// Writes what stands before the first event.
  public init(_ header: TraceHeader, to sink: any ByteSink) throws(TraceWriteError) {
    self.sink = sink
    wallTime = header.wallTime
    stories = PacketStories(header)
    blocks.appendSection(
      application: String(header.tool.prefix(Self.longestName)),
      comment: String(header.redaction.prefix(Self.longestName)))
    for (place, vif) in header.vifs.enumerated() {
      let place = UInt16(clamping: place)
      names[place] = VifName(vif)
      _ = describe(place)
    }
    try write(from: Self.chunk)
  }

  private static var longestName: Int { 256 }

  /// Appends an event with its payload, which is as long as the event says.
  public mutating func append(
    _ event: TraceEvent, payload: RawSpan
  ) throws(TraceWriteError) {
    let count = payload.byteCount
    guard count == event.payloadLength else {
      throw .payloadMismatch(expected: event.payloadLength, actual: count)
    }
    clockOffset = clockOffset ?? (wallTime == 0 ? 0 : wallTime &- event.time.nanoseconds)
    let told = ToldEvent(event: event, number: number)
    number += 1
    learn(event, payload)
    let place = line.append(told, payload: payload.array)
    stories.take(told, payload: payload, at: place, &line)
    if line.isFull { stories.settleAll(&line) }
    try writeReady()
  }

  /// Writes what is left.
  public consuming func finish() throws(TraceWriteError) {
    stories.settleAll(&line)
    try writeReady()
    try write(from: 1)
  }

  /// A snapshot may be of a vif that the header does not know.
  private mutating func learn(_ event: TraceEvent, _ payload: RawSpan) {
    guard case .snapshot = event.body, names[event.vif] == nil,
      let snapshot = try? VifSnapshot(encoded: payload)
    else { return }
    names[event.vif] = VifName(snapshot)
  }

  private mutating func writeReady() throws(TraceWriteError) {
    while let record = line.popReady() {
      append(record)
      try write(from: Self.chunk)
    }
  }

  private mutating func write(from least: Int) throws(TraceWriteError) {
    guard blocks.octets.count >= least else { return }
    do throws(TransferError) { try sink.write(blocks.octets.span.octets) } catch {
      throw .transfer(error)
    }
    blocks.removeAll()
  }

  // MARK: - Packets

  private mutating func append(_ record: CaptureLine.Record) {
    let event = record.told.event
    let vif = interfaces[event.vif] ?? describe(event.vif)
    let frame = event.body.frame
    var packet = PcapngPacket(
      interface: frame == nil ? vif.rings : vif.frames,
      nanoseconds: event.time.nanoseconds &+ (clockOffset ?? 0), octets: record.payload,
      length: 0, identity: record.told.number, queue: UInt32(event.queue))
    if let frame {
      packet.length = frame.length
      packet.flags = event.body.flags(frame)
    } else {
      packet.octets = RingPacket(record.told, of: vif.name, payload: record.payload).octets
    }
    packet.comment = record.story?.comment ?? []
    blocks.appendPacket(packet)
    guard let story = record.story else { return }
    let block = StoryBlock(story, told: record.told.number, of: vif.name)
    blocks.appendCustom(block.octets, enterprise: StoryBlock.enterprise)
  }

  private mutating func describe(_ vif: UInt16) -> Interfaces {
    let name = names[vif]
    let text = name?.text ?? "vif number \(vif)"
    blocks.appendInterface(
      PcapngInterface(name: text, description: "Frames of \(text)", link: .ethernet))
    blocks.appendInterface(
      PcapngInterface(
        name: "\(text)-rings", description: "Events of the rings of \(text)", link: .user0))
    let described = Interfaces(name: name, frames: interfaceCount, rings: interfaceCount + 1)
    interfaceCount += 2
    interfaces[vif] = described
    return described
  }
}

extension TraceEvent.Body {
  /// The frame, if it is about one.
  fileprivate var frame: TraceEvent.FrameRecord? {
    switch self {
    case .delivered(let frame, _), .taken(let frame), .dropped(let frame): frame
    default: nil
    }
  }

  /// What is known of a frame beside its octets; the directions are those of the host's interface.
  fileprivate func flags(_ frame: TraceEvent.FrameRecord) -> PcapngPacket.Flags {
    var flags: PcapngPacket.Flags
    if case .delivered = self { flags = .inbound } else { flags = .outbound }
    switch frame.offload.checksum {
    case .unknown: break
    case .partial: flags.insert(.checksumNotReady)
    case .verified: flags.insert(.checksumValid)
    }
    if frame.offload.segmentation != nil { flags.insert(.segmentationOffloaded) }
    return flags
  }
}
