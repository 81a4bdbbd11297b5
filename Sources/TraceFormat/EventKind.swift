/// An event's kind as a block's tag column has it, in five bits.
package enum EventKind: UInt8, CaseIterable {
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
  @inline(__always) package init(of body: TraceEvent.Body) {
    self = Self.first(of: body)
    if case .slot(let ring, _, _) = body, ring != .tx {
      self = ring == .rx ? .rxSlot : .controlSlot
    }
    if case .grantCopy(_, .toGuest, _) = body { self = .copyToGuest }
  }

  /// The kind, or the first of those it may be. Apart, it is a table without branches.
  @inline(never) private static func first(of body: TraceEvent.Body) -> EventKind {
    switch body {
    case .slot: .txSlot
    case .requestProducer: .requestProducer
    case .responseProducer: .responseProducer
    case .eventIndex: .eventIndex
    case .notification: .notification
    case .pollBegin: .pollBegin
    case .pollEnd: .pollEnd
    case .grantCopy: .copyFromGuest
    case .grantMap: .grantMap
    case .grantUnmap: .grantUnmap
    case .memory: .memory
    case .release: .release
    case .txResponse: .txResponse
    case .rxResponse: .rxResponse
    case .controlResponse: .controlResponse
    case .delivered: .delivered
    case .taken: .taken
    case .dropped: .dropped
    case .state: .state
    case .key: .key
    case .connected: .connected
    case .disconnected: .disconnected
    case .disabled: .disabled
    case .gap: .gap
    case .note: .note
    case .snapshot: .snapshot
    }
  }

  /// Whether it counts as a ring event: a request slot, a response slot or a grant operation.
  @inline(__always) var isRingEvent: Bool { isAmong(Self.ringEvents) }

  /// Whether it counts as a packet: a frame delivered, taken or dropped.
  @inline(__always) var isPacket: Bool { isAmong(Self.packets) }

  /// Whether octets may travel beside it.
  @inline(__always) var hasPayload: Bool { isAmong(Self.withPayload) }

  // Sets as bits: an event is looked up without a branch.
  @inline(__always) private func isAmong(_ set: UInt32) -> Bool { set >> UInt32(rawValue) & 1 != 0 }

  @inline(__always) private var bit: UInt32 { 1 << UInt32(rawValue) }

  @inline(__always) private static var ringEvents: UInt32 {
    Self.txSlot.bit | Self.rxSlot.bit | Self.controlSlot.bit | Self.copyFromGuest.bit
      | Self.copyToGuest.bit | Self.grantMap.bit | Self.grantUnmap.bit | Self.txResponse.bit
      | Self.rxResponse.bit | Self.controlResponse.bit
  }

  @inline(__always) private static var packets: UInt32 {
    Self.delivered.bit | Self.taken.bit | Self.dropped.bit
  }

  @inline(__always) private static var withPayload: UInt32 {
    packets | Self.memory.bit | Self.key.bit | Self.note.bit | Self.snapshot.bit
  }
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
