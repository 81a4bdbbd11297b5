public import Netif

// One line per case: name, flags, answers published, answers. Flags: `D` disabled. An answer is id,
// type, status and data, parted by points: `90.4.0.128`.

/// How a backend answered a control case.
public struct ControlAnswer: Hashable, Sendable {
  /// The answers, in ring order; none when more are published than a ring holds.
  public var responses: [ControlResponse] = []
  /// How far the backend moved its producer.
  public var published: UInt32 = 0
  /// Whether the vif was disabled.
  public var isDisabled = false

  /// Nothing answered.
  public init() {}

  /// Adds what a further step was answered.
  mutating func add(_ later: ControlAnswer) {
    responses += later.responses
    published &+= later.published
    isDisabled = isDisabled || later.isDisabled
  }
}

extension ControlAnswer: RingAnswer {
  /// See `RingAnswer`.
  public var line: String {
    let answers = responses.map { "\($0.id).\($0.type).\($0.status).\($0.data)" }
    let fields = [isDisabled ? "D" : "-", "\(published)", answers.joined(separator: ",")]
    return fields.map { $0.isEmpty ? "-" : $0 }.joined(separator: " ")
  }

  /// See `RingAnswer`.
  public init?(line: some StringProtocol) {
    let fields = line.split(separator: " ")
    guard fields.count == 3, let published = UInt32(fields[1]) else { return nil }
    isDisabled = fields[0] == "D"
    self.published = published
    guard fields[2] != "-" else { return }
    for item in fields[2].split(separator: ",") {
      let numbers = item.split(separator: ".").compactMap { UInt32($0) }
      guard numbers.count == 4, let id = UInt16(exactly: numbers[0]),
        let type = UInt16(exactly: numbers[1])
      else { return nil }
      responses.append(
        ControlResponse(id: id, type: type, status: numbers[2], data: numbers[3]))
    }
  }

  /// Equal means: the same vif state, the same answers in the same order, and as many of them.
  public func differences(
    from other: ControlAnswer, in asked: ControlCase
  ) -> [AnswerDifference] {
    let checks: [(AnswerDifference, Bool)] = [
      (.disabled, isDisabled == other.isDisabled),
      (.answers, responses == other.responses && published == other.published),
    ]
    return checks.filter { !$0.1 }.map(\.0)
  }
}
