import TraceFormat

extension ScenarioStep {
  /// Writes or reads what a step of a life consists of.
  static func code(
    life step: ScenarioStep, _ fields: inout some RecordFields & ~Copyable
  ) throws(TraceTextError) -> ScenarioStep {
    switch step {
    case .key(let key): .key(try code(key, &fields))
    case .rings(let rings): .rings(try code(rings, &fields))
    case .ahead(let ring, let queue, let count):
      .ahead(
        try fields.choice("ring", ring), queue: try fields.queue(queue),
        count: try fields.field("count", count))
    case .toolstack(let act, let looks):
      .toolstack(try fields.choice("does", act), looks: try fields.answer("looks", looks))
    case .packets(let queue, let count, let held):
      .packets(
        queue: try fields.queue(queue),
        count: try fields.field("count", count, below: UInt64(LifePlayer.packetLimit) + 1),
        held: try fields.answer("held", held))
    case .join(let queue): .join(queue: try fields.queue(queue))
    case .deliver(let queue, let group):
      .deliver(queue: try fields.queue(queue), group: try fields.answer("group", group))
    case .storm(let ring, let queue, let events):
      .storm(
        try fields.choice("ring", ring), queue: try fields.queue(queue),
        events: try fields.field("events", events, below: 4097))
    default: step
    }
  }

  private static func code(
    _ key: ScenarioKey, _ fields: inout some RecordFields & ~Copyable
  ) throws(TraceTextError) -> ScenarioKey {
    var coded = key
    coded.name = try fields.choice("name", key.name)
    coded.place = try fields.field("place", key.place, below: ScenarioKey.places)
    coded.form = try fields.choice("form", key.form)
    coded.number = try fields.field("number", key.number)
    coded.looks = try fields.answer("looks", key.looks)
    return coded
  }

  private static func code(
    _ rings: ScenarioRings, _ fields: inout some RecordFields & ~Copyable
  ) throws(TraceTextError) -> ScenarioRings {
    ScenarioRings(
      more: try fields.field("more", rings.more, below: ScenarioRings.limit),
      isSplit: try fields.answer("split", rings.isSplit),
      hasControl: try fields.answer("control", rings.hasControl))
  }
}

extension RecordFields where Self: ~Copyable {
  /// A queue that a guest may have.
  fileprivate mutating func queue(_ actual: UInt8) throws(TraceTextError) -> UInt8 {
    try field("queue", actual, below: ScenarioRings.limit)
  }
}
