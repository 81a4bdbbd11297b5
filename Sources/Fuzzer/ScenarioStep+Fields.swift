import TraceFormat

extension ScenarioStep {
  /// Writes or reads a step: this is both forms' only definition of what it consists of.
  ///
  /// - Parameter stage: that which the step belongs to.
  static func code(
    _ step: ScenarioStep, of stage: ScenarioStage, _ fields: inout some RecordFields & ~Copyable
  ) throws(TraceTextError) -> ScenarioStep {
    let number = stage.kinds.firstIndex(of: step.kind) ?? 0
    let kind = stage.kinds[try fields.word(number, of: stage.words)]
    return try code(kind == step.kind ? step : kind.blank, rest: &fields)
  }

  private static func code(
    _ step: ScenarioStep, rest fields: inout some RecordFields & ~Copyable
  ) throws(TraceTextError) -> ScenarioStep {
    switch step {
    case .send(let slot): .send(try code(slot, &fields))
    case .extra(let extra): .extra(try code(extra, &fields))
    case .offer(let grant): .offer(try fields.grant(grant))
    case .message(let message): .message(try code(message, &fields))
    case .raw(let ring, let words):
      .raw(try fields.choice("ring", ring), try code(words, &fields))
    case .flip(let ring, let back, let word, let value):
      .flip(
        try fields.choice("ring", ring), back: try fields.field("back", back),
        word: try fields.field("word", word, below: 4), to: try fields.bits("to", value))
    case .publish(let ring, let beyond, let tells):
      .publish(
        try fields.choice("ring", ring), beyond: try fields.field("beyond", beyond),
        tells: try fields.answer("tells", tells))
    case .listen(let ring, let ahead):
      .listen(try fields.choice("ring", ring), ahead: try fields.field("ahead", ahead))
    case .frame(let frame): .frame(try code(frame, &fields))
    case .pass(let milliseconds): .pass(milliseconds: try fields.field("ms", milliseconds))
    case .grant(let page, let access):
      .grant(page: try fields.page(page), try fields.choice("access", access))
    case .refuse(let page, let status):
      .refuse(page: try fields.page(page), status: try fields.status("status", status, []))
    case .fill(let page, let offset, let length, let octet):
      .fill(
        page: try fields.page(page), offset: try fields.field("offset", offset, below: 4096),
        length: try fields.field("length", length, below: 4097),
        octet: try fields.bits("octet", octet))
    case .word(let page, let place, let value):
      .word(
        page: try fields.page(page), place: try fields.field("place", place, below: 1024),
        try fields.bits("value", value))
    case .rate(let octets, let milliseconds):
      .rate(
        octets: try fields.field("octets", octets),
        milliseconds: try fields.field("ms", milliseconds))
    case .reconnect: .reconnect
    case .lie(let ahead, let status):
      .lie(
        ahead: try fields.field("ahead", ahead), status: try fields.status("status", status, []))
    case .key, .rings, .ahead, .toolstack, .packets, .join, .deliver, .release, .storm, .die:
      try code(life: step, &fields)
    }
  }
}

// MARK: - Parts of steps

extension ScenarioStep {
  private static func code(
    _ slot: ScenarioSlot, _ fields: inout some RecordFields & ~Copyable
  ) throws(TraceTextError) -> ScenarioSlot {
    ScenarioSlot(
      try fields.grant(slot.grant), offset: try fields.field("offset", slot.offset),
      size: try fields.field("size", slot.size), flags: try fields.bits("flags", slot.flags))
  }

  private static func code(
    _ extra: ScenarioExtra, _ fields: inout some RecordFields & ~Copyable
  ) throws(TraceTextError) -> ScenarioExtra {
    ScenarioExtra(
      type: try fields.field("type", extra.type), flags: try fields.bits("flags", extra.flags),
      low: try fields.field("low", extra.low), high: try fields.field("high", extra.high))
  }

  private static func code(
    _ message: ScenarioMessage, _ fields: inout some RecordFields & ~Copyable
  ) throws(TraceTextError) -> ScenarioMessage {
    ScenarioMessage(
      try fields.field("type", message.type), try fields.field("data0", message.data0),
      try fields.field("data1", message.data1), try fields.field("data2", message.data2))
  }

  private static func code(
    _ words: ScenarioWords, _ fields: inout some RecordFields & ~Copyable
  ) throws(TraceTextError) -> ScenarioWords {
    ScenarioWords(
      try fields.bits("word0", words.first), try fields.bits("word1", words.second),
      try fields.bits("word2", words.third), try fields.bits("word3", words.fourth))
  }

  private static func code(
    _ frame: ScenarioFrame, _ fields: inout some RecordFields & ~Copyable
  ) throws(TraceTextError) -> ScenarioFrame {
    ScenarioFrame(
      try fields.field("length", frame.length),
      kind: try fields.field("kind", frame.kind, below: 16),
      checksum: try fields.choice("checksum", frame.checksum),
      segment: try fields.field("segment", frame.segment),
      type: try fields.field("type", frame.type, below: 3))
  }
}

/// The words for no and yes.
private let yesOrNo = ["no", "yes"]

extension RecordFields where Self: ~Copyable {
  /// Yes or no.
  mutating func answer(_ name: String, _ actual: Bool) throws(TraceTextError) -> Bool {
    let place: Int = try field(name, actual ? 1 : 0, of: yesOrNo)
    return place == 1
  }

  mutating func choice<W: ScenarioWord>(
    _ name: String, _ actual: W
  ) throws(TraceTextError) -> W {
    W(rawValue: try field(name, actual.rawValue, of: W.words)) ?? actual
  }

  /// A number below a limit.
  mutating func field<T: FixedWidthInteger & UnsignedInteger>(
    _ name: String, _ actual: T, below limit: UInt64
  ) throws(TraceTextError) -> T {
    T(truncatingIfNeeded: try field(name, UInt64(actual), upTo: limit - 1))
  }

  fileprivate mutating func grant(
    _ actual: ScenarioGrant
  ) throws(TraceTextError) -> ScenarioGrant {
    ScenarioGrant(rawValue: try field("page", actual.rawValue))
  }

  fileprivate mutating func page(_ actual: UInt8) throws(TraceTextError) -> UInt8 {
    try field("page", actual, below: UInt64(ScenarioGrant.pages))
  }
}
