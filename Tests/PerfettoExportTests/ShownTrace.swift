/// A Perfetto trace as somebody reads it who knows the .proto files: names in the place of numbers.
struct ShownTrace {
  /// A track.
  struct Track {
    var name: String
    /// Names of the tracks above and of the track itself, `vif1.0/queue 0/tx ring`.
    var path: String
    var parent: UInt64?
    /// The number of the process that it stands for.
    var process: UInt64?
    var rank: UInt64?
    var isCounter: Bool
  }

  /// What a `TrackEvent` looks like.
  enum Kind: UInt64 { case begin = 1, end, instant, counter }

  /// An event on a track.
  struct Event {
    var time: UInt64
    var kind: Kind
    var track: UInt64
    /// The path of the track.
    var path: String
    var name: String?
    var value: UInt64?
    var flows: [UInt64]
    var endingFlows: [UInt64]
    var numbers: [String: Int64]
    var texts: [String: String]

    /// All flows that it is a part of.
    var allFlows: [UInt64] { flows + endingFlows }
  }

  /// What is wrong with a trace.
  enum Fault: Error {
    case sequence, unknownField(UInt64), unknownName, unknownTrack, describedTwice, emptyPacket
    case goesBack
  }

  private(set) var tracks: [UInt64: Track] = [:]
  private(set) var events: [Event] = []
  private var eventNames: [UInt64: String] = [:]
  private var labels: [UInt64: String] = [:]

  init(_ octets: [UInt8]) throws {
    let trace = try ProtobufMessage(octets[...])
    guard trace.numbers == [1] else { throw Fault.emptyPacket }
    for (place, packet) in try trace.messages(1).enumerated() { try take(packet, at: place) }
  }

  /// The paths of all tracks.
  var paths: Set<String> { Set(tracks.values.map(\.path)) }

  /// Events on the tracks whose path ends so.
  func events(on ending: String) -> [Event] { events.filter { $0.path.hasSuffix("/" + ending) } }

  /// Events of each flow, in the order of the file.
  var flows: [UInt64: [Event]] {
    var flows: [UInt64: [Event]] = [:]
    for event in events {
      for flow in event.allFlows { flows[flow, default: []].append(event) }
    }
    return flows
  }
}

// MARK: - Reading

extension ShownTrace {
  private mutating func take(_ packet: ProtobufMessage, at place: Int) throws {
    let unknown = packet.numbers.subtracting([8, 10, 11, 12, 13, 60])
    if let field = unknown.first { throw Fault.unknownField(field) }
    guard try packet.integer(10) == 1 else { throw Fault.sequence }
    let flags = try packet.integer(13) ?? 0
    guard flags & 1 == (place == 0 ? 1 : 0) else { throw Fault.sequence }
    if let names = try packet.message(12) { try takeNames(names) }
    if let descriptor = try packet.message(60) { try describe(descriptor) }
    guard let event = try packet.message(11) else { return }
    guard flags & 2 != 0, let time = try packet.integer(8) else { throw Fault.sequence }
    guard events.last.map({ $0.time <= time }) != false else { throw Fault.goesBack }
    events.append(try self.event(event, at: time))
  }

  private mutating func takeNames(_ data: ProtobufMessage) throws {
    for name in try data.messages(2) {
      eventNames[try name.integer(1) ?? 0] = try name.text(2)
    }
    for name in try data.messages(3) { labels[try name.integer(1) ?? 0] = try name.text(2) }
  }

  private mutating func describe(_ descriptor: ProtobufMessage) throws {
    let uuid = try descriptor.integer(1) ?? 0
    guard uuid != 0, tracks[uuid] == nil else { throw Fault.describedTwice }
    let process = try descriptor.message(3)
    let parent = try descriptor.integer(5)
    let name = try process?.text(6) ?? descriptor.text(2) ?? ""
    let above = parent.flatMap { tracks[$0]?.path }
    guard (above != nil) != (process != nil) else { throw Fault.unknownTrack }
    tracks[uuid] = Track(
      name: name, path: above.map { "\($0)/\(name)" } ?? name, parent: parent,
      process: try process?.integer(1), rank: try descriptor.integer(12),
      isCounter: try descriptor.message(8) != nil)
  }

  private func event(_ event: ProtobufMessage, at time: UInt64) throws -> Event {
    guard let track = try event.integer(11), let path = tracks[track]?.path else {
      throw Fault.unknownTrack
    }
    let name = try event.integer(10).map { number in
      guard let name = eventNames[number] else { throw Fault.unknownName }
      return name
    }
    var shown = Event(
      time: time, kind: Kind(rawValue: try event.integer(9) ?? 0) ?? .instant, track: track,
      path: path, name: name, value: try event.integer(30),
      flows: try event.integers(47), endingFlows: try event.integers(48), numbers: [:], texts: [:])
    for annotation in try event.messages(4) {
      guard let label = labels[try annotation.integer(1) ?? 0] else { throw Fault.unknownName }
      shown.texts[label] = try annotation.text(6)
      let number = try annotation.integer(3) ?? annotation.integer(4)
      shown.numbers[label] = number.map { Int64(bitPattern: $0) }
    }
    return shown
  }
}
