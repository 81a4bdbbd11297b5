/// The answers of an RX ring as they come: which are extra infos, and which end their packet.
public struct AnswerTrack: Sendable {
  private var goesOn: Bool?
  private var hasExtras = false

  /// Starts before the first answer of a packet.
  public init() {}

  /// Whether the next answer is an extra info.
  public var isExtraNext: Bool { hasExtras }

  /// Whether the last answer is the last one of its packet; `nil` when there is none. Linux also
  /// publishes in the midst of a packet, when its batch of copies is full.
  public var endPacket: Bool? { goesOn.map { !$0 && !hasExtras } }

  /// Takes the next answer.
  public mutating func take(_ word0: UInt32, _ word1: UInt32) {
    if hasExtras { return hasExtras = word0 >> 8 & 1 != 0 }
    let flags = RxResponse(words: [word0, word1, 0, 0]).flags
    goesOn = flags.contains(.moreData)
    hasExtras = flags.contains(.extraInfo)
  }
}
