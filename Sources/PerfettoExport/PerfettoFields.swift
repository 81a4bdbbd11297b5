// Numbers of the fields that are written, a message each, as Perfetto's .proto files have them.

/// `Trace`: the whole file.
enum TraceField {
  static let packet: UInt64 = 1
}

/// `TracePacket`.
enum PacketField {
  static let timestamp: UInt64 = 8
  static let sequence: UInt64 = 10
  static let event: UInt64 = 11
  static let internedData: UInt64 = 12
  static let sequenceFlags: UInt64 = 13
  static let descriptor: UInt64 = 60
}

/// `TracePacket.SequenceFlags`.
enum SequenceFlag {
  /// What was told before does not count.
  static let cleared: UInt64 = 1
  /// The packet has numbers in place of names that were told before.
  static let needsNames: UInt64 = 2
}

/// `InternedData`.
enum NamesField {
  static let events: UInt64 = 2
  static let annotations: UInt64 = 3
}

/// `EventName` and `DebugAnnotationName`.
enum NameField {
  static let number: UInt64 = 1
  static let text: UInt64 = 2
}

/// `TrackDescriptor`.
enum DescriptorField {
  static let uuid: UInt64 = 1
  static let name: UInt64 = 2
  static let process: UInt64 = 3
  static let parent: UInt64 = 5
  static let counter: UInt64 = 8
  static let order: UInt64 = 11
  static let rank: UInt64 = 12
}

/// `TrackDescriptor.ChildTracksOrdering`.
enum ChildOrder {
  /// By the ranks of the children.
  static let byRank: UInt64 = 3
}

/// `ProcessDescriptor`.
enum ProcessField {
  static let number: UInt64 = 1
  static let name: UInt64 = 6
}

/// `CounterDescriptor`.
enum CounterField {
  static let unit: UInt64 = 3
  /// The unit of what is counted one by one.
  static let unitIsCount: UInt64 = 2
}

/// `TrackEvent`.
enum EventField {
  static let annotation: UInt64 = 4
  static let type: UInt64 = 9
  static let name: UInt64 = 10
  static let track: UInt64 = 11
  static let counterValue: UInt64 = 30
  static let flow: UInt64 = 47
  static let lastOfFlow: UInt64 = 48
}

/// `DebugAnnotation`.
enum AnnotationField {
  static let name: UInt64 = 1
  static let number: UInt64 = 3
  static let signed: UInt64 = 4
  static let text: UInt64 = 6
}
