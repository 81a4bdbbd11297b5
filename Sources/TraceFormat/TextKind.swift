/// An event's kind in the text form: those of the binary form, and extra infos apart.
struct TextKind: Equatable {
  /// The kind in the binary form.
  var kind: EventKind
  /// Whether a slot or response is an extra info.
  var isExtra = false

  /// All of them, in the order of `words`.
  static let all: [TextKind] =
    EventKind.allCases.filter { $0 != .other }.map { TextKind(kind: $0) } + [
      TextKind(kind: .txSlot, isExtra: true), TextKind(kind: .rxResponse, isExtra: true),
    ]

  /// As they are printed.
  static let words = [
    "tx-slot", "rx-slot", "control-slot", "request-producer", "response-producer",
    "event-index", "notification", "poll-begin", "poll-end", "copy-from-guest", "copy-to-guest",
    "map", "unmap", "memory", "release", "tx-response", "rx-response", "control-response",
    "delivered", "taken", "dropped", "state", "key", "connected", "disconnected", "disabled",
    "gap", "note", "snapshot", "tx-extra", "rx-extra",
  ]

  /// The place in `words`.
  var place: Int { isExtra ? (kind == .txSlot ? 29 : 30) : Int(kind.rawValue) }
}
