/// An event's kind as a block's tag column has it, in five bits.
enum EventKind: UInt8, CaseIterable {
  case txSlot, rxSlot, controlSlot
  case requestProducer, responseProducer, eventIndex, notification
  case pollBegin, pollEnd
  case copyFromGuest, copyToGuest, grantMap, grantUnmap, memory
  case release, txResponse, rxResponse, controlResponse
  case delivered, taken, dropped
  case state, key, connected, disconnected, disabled
  case gap, note, snapshot
  /// A kind of a later minor version: its number, and whether it may be skipped, stand in columns.
  case other = 31

  /// The column of one of this kind's eight fields.
  func column(_ field: UInt8) -> UInt8 { rawValue << 3 | field & 7 }

  /// The kind that stores `body`.
  init(of body: TraceEvent.Body) {
    switch body {
    case .slot(let ring, _, _):
      self = ring == .tx ? .txSlot : ring == .rx ? .rxSlot : .controlSlot
    case .requestProducer: self = .requestProducer
    case .responseProducer: self = .responseProducer
    case .eventIndex: self = .eventIndex
    case .notification: self = .notification
    case .pollBegin: self = .pollBegin
    case .pollEnd: self = .pollEnd
    case .grantCopy(_, let direction, _):
      self = direction == .fromGuest ? .copyFromGuest : .copyToGuest
    case .grantMap: self = .grantMap
    case .grantUnmap: self = .grantUnmap
    case .memory: self = .memory
    case .release: self = .release
    case .txResponse: self = .txResponse
    case .rxResponse: self = .rxResponse
    case .controlResponse: self = .controlResponse
    case .delivered: self = .delivered
    case .taken: self = .taken
    case .dropped: self = .dropped
    case .state: self = .state
    case .key: self = .key
    case .connected: self = .connected
    case .disconnected: self = .disconnected
    case .disabled: self = .disabled
    case .gap: self = .gap
    case .note: self = .note
    case .snapshot: self = .snapshot
    }
  }

  /// Whether it counts as a ring event: a request slot, a response slot or a grant operation.
  var isRingEvent: Bool {
    switch self {
    case .txSlot, .rxSlot, .controlSlot, .copyFromGuest, .copyToGuest, .grantMap, .grantUnmap,
      .txResponse, .rxResponse, .controlResponse:
      true
    default: false
    }
  }

  /// Whether it counts as a packet: a frame delivered, taken or dropped.
  var isPacket: Bool { self == .delivered || self == .taken || self == .dropped }
}

/// What an event's tag says beside its kind, and the columns that all kinds share.
enum Tag {
  /// The five bits of the kind.
  static var kind: UInt8 { 0x1f }
  /// The time differs from the event before: the difference stands in `times`.
  static var time: UInt8 { 0x20 }
  /// The lane or the origin differs from the event before: it stands in `contexts`.
  static var context: UInt8 { 0x40 }
  /// Not all is as predicted: a mask of the fields that are not stands in `masks`.
  static var mask: UInt8 { 0x80 }

  static var tags: UInt8 { EventKind.other.column(0) }
  static var masks: UInt8 { EventKind.other.column(1) }
  static var times: UInt8 { EventKind.other.column(2) }
  static var contexts: UInt8 { EventKind.other.column(3) }
  static var pieces: UInt8 { EventKind.other.column(4) }
  static var otherHeads: UInt8 { EventKind.other.column(5) }
  static var otherOctets: UInt8 { EventKind.other.column(6) }
}
