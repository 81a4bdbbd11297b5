import Netif

// One line per case: name, flags, answers, frames, counts at pauses; fields parted by spaces.
// `-` stands for an empty field. Flags: `D` disabled, `T` touches requests. Answers: `3k` is id 3
// OKAY, `3-9k` ids 3 to 9, `3k+2` two NULLs behind it; `e` ERROR, `d` DROPPED, `(n)` status n.
// Frames: `60.1a2b3c4d` is length and CRC-32; `60.1a2b3c4d*3` three equal ones in a row.

extension CaseAnswer: RingAnswer {
  /// The answer as the fields of a line, behind the name.
  public var line: String {
    let flags = (isDisabled ? "D" : "") + (touchesRequests ? "T" : "")
    let fields = [
      flags, runs(of: slots).map(\.text).joined(separator: ","), frameText,
      answeredAtPauses.map(String.init).joined(separator: ","),
    ]
    return fields.map { $0.isEmpty ? "-" : $0 }.joined(separator: " ")
  }

  /// Reads the fields of a line, behind the name; `nil` when it is not one.
  public init?(line: some StringProtocol) {
    let fields = line.split(separator: " ", omittingEmptySubsequences: false)
    guard fields.count == 4 else { return nil }
    func items(_ field: Int) -> [Substring.SubSequence] {
      fields[field] == "-" ? [] : fields[field].split(separator: ",").map { Substring($0) }
    }
    isDisabled = fields[0].contains("D")
    touchesRequests = fields[0].contains("T")
    for item in items(1) {
      guard let run = AnswerRun(text: item) else { return nil }
      slots += run.slots
    }
    for item in items(2) {
      guard let frames = FrameDigest.run(text: item) else { return nil }
      self.frames += frames
    }
    answeredAtPauses = items(3).compactMap { Int($0) }
  }

  private var frameText: String {
    var parts: [String] = []
    var next = 0
    while next < frames.count {
      let frame = frames[next]
      let count = frames[next...].prefix { $0 == frame }.count
      parts.append(frame.text + (count > 1 ? "*\(count)" : ""))
      next += count
    }
    return parts.joined(separator: ",")
  }

  private func runs(of slots: [AnsweredSlot]) -> [AnswerRun] {
    var runs: [AnswerRun] = []
    for slot in slots {
      if let last = runs.indices.last, runs[last].extend(by: slot) { continue }
      runs.append(AnswerRun(first: slot, count: 1))
    }
    return runs
  }
}

/// Answers with ids in a row and the same outcome.
private struct AnswerRun {
  var first: AnsweredSlot
  var count: UInt16

  init(first: AnsweredSlot, count: UInt16) {
    self.first = first
    self.count = count
  }

  var slots: [AnsweredSlot] {
    (0..<count).map { AnsweredSlot(id: first.id &+ $0, status: first.status, nulls: first.nulls) }
  }

  mutating func extend(by slot: AnsweredSlot) -> Bool {
    let next = AnsweredSlot(id: first.id &+ count, status: first.status, nulls: first.nulls)
    guard slot == next else { return false }
    count += 1
    return true
  }

  var text: String {
    let range = count == 1 ? "\(first.id)" : "\(first.id)-\(first.id &+ (count - 1))"
    return range + first.status.letter + (first.nulls == 0 ? "" : "+\(first.nulls)")
  }

  init?(text: Substring) {
    let ids = text.prefix { $0.isNumber || $0 == "-" }
    let bounds = ids.split(separator: "-").compactMap { UInt16($0) }
    let rest = text.dropFirst(ids.count).split(separator: "+")
    guard let from = bounds.first, let to = bounds.last, bounds.count <= 2, let letter = rest.first,
      let status = NetifStatus(letter: letter)
    else { return nil }
    let nulls = rest.count > 1 ? UInt16(rest[1]) ?? 0 : 0
    self.init(
      first: AnsweredSlot(id: from, status: status, nulls: nulls), count: to &- from &+ 1)
  }
}

extension NetifStatus {
  fileprivate var letter: String {
    switch self {
    case .okay: "k"
    case .error: "e"
    case .dropped: "d"
    default: "(\(rawValue))"
    }
  }

  fileprivate init?(letter: Substring) {
    switch letter {
    case "k": self = .okay
    case "e": self = .error
    case "d": self = .dropped
    default:
      guard let number = Int16(letter.dropFirst().dropLast()) else { return nil }
      self.init(rawValue: number)
    }
  }
}

extension FrameDigest {
  fileprivate var text: String {
    "\(length)." + hexadecimal(checksum)
  }

  fileprivate static func run(text: Substring) -> [FrameDigest]? {
    let parts = text.split(separator: "*")
    let numbers = parts.first?.split(separator: ".") ?? []
    guard numbers.count == 2, let length = UInt32(numbers[0]),
      let checksum = UInt32(numbers[1], radix: 16)
    else { return nil }
    let count = parts.count > 1 ? Int(parts[1]) ?? 0 : 1
    return Array(repeating: FrameDigest(length: length, checksum: checksum), count: count)
  }
}
