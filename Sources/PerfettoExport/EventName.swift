/// What an event on a track is called.
///
/// Perfetto is told all names in the first packet; from then on events have the numbers.
enum EventName: UInt64, CaseIterable {
  case poll = 1
  case packet, frame, message
  case request, extraInfo, response
  case requestsPublished, responsesPublished, eventIndex, notification
  case copyFromGuest, copyToGuest, map, unmap
  case delivered, released, taken, dropped
  case state, key, connected, disconnected, cutOff, gap, note, snapshot

  /// The name as people read it.
  var text: String {
    switch self {
    case .extraInfo: "extra info"
    case .requestsPublished: "requests published"
    case .responsesPublished: "responses published"
    case .eventIndex: "event index"
    case .copyFromGuest: "copy from guest"
    case .copyToGuest: "copy to guest"
    case .cutOff: "cut off"
    default: "\(self)"
    }
  }
}

/// What is said beside an event.
struct Annotation {
  /// Which of its properties. The name in the file is the case's.
  enum Label: UInt64, CaseIterable {
    case index = 1
    case budget, consumer, producer, packets
    case gref, offset, size, length, flags, id, type, status, handle, request, data
    case by, of, state, text, rule, lost, queues
  }

  /// What it has.
  enum Value {
    case number(UInt64)
    case signed(Int64)
    case text(String)
  }

  var label: Label
  var value: Value

  /// Says a number.
  init(_ label: Label, _ number: some FixedWidthInteger & UnsignedInteger) {
    self.label = label
    value = .number(UInt64(number))
  }

  /// Says a number that may be negative.
  init(_ label: Label, signed number: Int16) {
    self.label = label
    value = .signed(Int64(number))
  }

  /// Says something in words.
  init(_ label: Label, _ text: String) {
    self.label = label
    value = .text(text)
  }
}
