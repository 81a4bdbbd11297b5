internal import Netif
internal import XenInterface
internal import XenRing

/// Parses the lines of the text form up to `events`.
struct HeaderTextParser: ~Copyable {
  private var input: TextInput
  private var size = 0
  private var header = TraceHeader(
    source: .byHand, clock: .monotonic, profile: .linux, snapLength: 0, tool: "", vifs: [])
  private static let words = [
    "events", "source", "clock", "profile", "order", "wall-time", "time-unit", "snap-length",
    "tool",
    "options", "redaction", "vif",
  ]
  private static let vifWords = [
    "control-ring", "multicast", "hash-key", "hash-mapping", "key", "queue",
  ]
  private static let queueWords = [
    "tx", "rx", "credit", "queued", "unanswered", "tx-slot", "rx-slot",
  ]

  init(_ source: any ByteSource) { input = TextInput(source) }

  /// What is left of the source, to read events from.
  consuming func rest() -> TextInput { input }

  /// Parses title and header.
  mutating func parse() throws(TraceTextError) -> TraceHeader {
    guard try line() else { throw input.fields.cursor.missing(.version) }
    guard input.fields.cursor.takeIf(word: HeaderText.title), !input.fields.cursor.isAtEnd,
      (try? input.fields.cursor.takeNumber(upTo: 0xffff)) == UInt64(TraceVersion.major),
      input.fields.cursor.takeIf(0x2e), (try? input.fields.cursor.takeNumber(upTo: 0xffff)) != nil
    else { throw input.fields.cursor.missing(.version) }
    try input.fields.cursor.takeEnd()
    while try line() {
      if input.fields.cursor.isAtEnd { continue }
      let isDone = try parseLine()
      try input.fields.cursor.takeEnd()
      if isDone { return header }
    }
    throw input.fields.cursor.missing(.events)
  }

  /// Turns to the next line. What a short line makes is larger than the line.
  private mutating func line() throws(TraceTextError) -> Bool {
    let isThere = try input.next()
    size += max(input.fields.cursor.line.count, 128)
    guard size <= TraceLimits.header * 4 else { throw input.fields.cursor.missing(.shorter) }
    return isThere
  }

  private mutating func parseLine() throws(TraceTextError) -> Bool {
    for word in Self.words where input.fields.cursor.takeIf(word: word) {
      if word == "events" { return true }
      try parseHeader(word)
      return false
    }
    guard let vif = header.vifs.indices.last else { throw input.fields.cursor.missing(.headerLine) }
    for word in Self.vifWords where input.fields.cursor.takeIf(word: word) {
      try Self.parse(word, into: &header.vifs[vif], &input.fields)
      return false
    }
    guard let queue = header.vifs[vif].queues.indices.last else {
      throw input.fields.cursor.missing(.headerLine)
    }
    for word in Self.queueWords where input.fields.cursor.takeIf(word: word) {
      try Self.parse(word, into: &header.vifs[vif].queues[queue], &input.fields)
      return false
    }
    throw input.fields.cursor.missing(.headerLine)
  }

  private mutating func parseHeader(_ word: String) throws(TraceTextError) {
    switch word {
    case "source":
      header.source = Self.value(try input.fields.word(0, of: HeaderText.sources), .byHand)
    case "clock":
      header.clock = Self.value(try input.fields.word(0, of: HeaderText.clocks), .monotonic)
    case "profile":
      header.profile = Self.value(try input.fields.word(0, of: HeaderText.profiles), .linux)
    case "order":
      header.order = Self.value(try input.fields.word(0, of: HeaderText.orders), .ring)
    case "wall-time": header.wallTime = try input.fields.number(upTo: .max)
    case "time-unit":
      header.timeUnit = max(1, UInt32(try input.fields.number(upTo: UInt64(UInt32.max))))
    case "snap-length":
      header.snapLength = UInt32(try input.fields.number(upTo: UInt64(UInt32.max)))
    case "tool": header.tool = try input.fields.cursor.takeText()
    case "options": header.options = try input.fields.cursor.takeText()
    case "redaction": header.redaction = try input.fields.cursor.takeText()
    default:
      let blank = VifSnapshot(domain: .control, handle: VifHandle(rawValue: 0))
      header.vifs.append(try HeaderText.vif(blank, &input.fields))
    }
  }

  private static func parse(
    _ word: String, into vif: inout VifSnapshot, _ fields: inout TextFieldReader
  ) throws(TraceTextError) {
    switch word {
    case "control-ring":
      vif.control = try HeaderText.indices(QueueSnapshot.Indices(), &fields)
    case "multicast":
      vif.multicast.append(MACAddress(bits: try fields.number(upTo: 0xffff_ffff_ffff)))
    case "hash-key":
      var key = OctetBuffer()
      fields.cursor.skipSpaces()
      try fields.cursor.takeOctets(into: &key)
      vif.hash.key.append(octets: key.bytes)
    case "hash-mapping": vif.hash.mapping.append(try fields.number(0))
    case "key":
      let name = try fields.cursor.takeText()
      vif.keys.append(VifSnapshot.Key(name: name, value: try fields.cursor.takeText()))
    default: vif.queues.append(QueueSnapshot())
    }
  }

  private static func parse(
    _ word: String, into queue: inout QueueSnapshot, _ fields: inout TextFieldReader
  ) throws(TraceTextError) {
    let slot = QueueSnapshot.Slot(index: RingIndex(rawValue: 0), words: TraceEvent.Words(0, 0))
    switch word {
    case "tx": queue.tx = try HeaderText.indices(queue.tx, &fields)
    case "rx": queue.rx = try HeaderText.indices(queue.rx, &fields)
    case "credit": queue = try HeaderText.credit(queue, &fields)
    case "queued": queue = try HeaderText.queued(queue, &fields)
    case "unanswered":
      let blank = QueueSnapshot.Unanswered(
        request: TxRequest(words: [0, 0, 0, 0]), extras: 0)
      queue.unanswered.append(try HeaderText.unanswered(blank, &fields))
    case "tx-slot": queue.txSlots.append(try HeaderText.txSlot(slot, &fields))
    default: queue.rxSlots.append(try HeaderText.rxSlot(slot, &fields))
    }
  }

  /// The value of a word that is in the list of words, hence of a number that has one.
  private static func value<T: RawRepresentable<UInt8>>(_ place: Int, _ other: T) -> T {
    T(rawValue: UInt8(place)) ?? other
  }
}
