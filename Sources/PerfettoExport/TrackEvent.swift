/// A part of a flow: events with the same number are joined by arrows, in the order of their times.
struct Flow: Equatable {
  var number: UInt64
  /// Whether the flow ends here.
  var isLast = false
}

/// Something that is shown on a track.
struct TrackEvent {
  /// What it looks like.
  enum Kind: UInt64 {
    case sliceBegin = 1, sliceEnd = 2, instant = 3, counter = 4
  }

  var kind: Kind
  var track: Track
  var name: EventName?
  var value: UInt64?
  var flows: [Flow] = []
  var annotations: [Annotation] = []

  /// Writes it as a `TrackEvent` message.
  func write(to writer: inout ProtobufWriter) {
    writer.put(EventField.type, kind.rawValue)
    writer.put(EventField.track, track.uuid)
    if let name { writer.put(EventField.name, name.rawValue) }
    if let value { writer.put(EventField.counterValue, value) }
    for flow in flows {
      writer.put(flow.isLast ? EventField.lastOfFlow : EventField.flow, fixed: flow.number)
    }
    for annotation in annotations {
      writer.put(EventField.annotation) { annotation.write(to: &$0) }
    }
  }
}

extension Annotation {
  fileprivate func write(to writer: inout ProtobufWriter) {
    writer.put(AnnotationField.name, label.rawValue)
    switch value {
    case .number(let number): writer.put(AnnotationField.number, number)
    case .signed(let number): writer.put(AnnotationField.signed, signed: number)
    case .text(let text): writer.put(AnnotationField.text, text)
    }
  }
}

extension PacketStream {
  /// Shows something that has no duration.
  mutating func instant(
    _ name: EventName, on track: Track, _ annotations: [Annotation] = [], _ flows: [Flow] = []
  ) {
    put(
      TrackEvent(
        kind: .instant, track: track, name: name, flows: flows, annotations: annotations))
  }

  /// Begins a slice.
  mutating func begin(
    _ name: EventName, on track: Track, _ annotations: [Annotation] = [], _ flows: [Flow] = []
  ) {
    put(
      TrackEvent(
        kind: .sliceBegin, track: track, name: name, flows: flows, annotations: annotations))
  }

  /// Ends the slice that began last.
  mutating func end(on track: Track, _ annotations: [Annotation] = []) {
    put(TrackEvent(kind: .sliceEnd, track: track, annotations: annotations))
  }

  /// Shows what a counter has come to.
  mutating func count(_ value: some FixedWidthInteger & UnsignedInteger, on track: Track) {
    put(TrackEvent(kind: .counter, track: track, value: UInt64(value)))
  }
}
