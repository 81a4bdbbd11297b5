/// What was left out of a trace or replaced in it on purpose, as `TraceHeader.redaction` says it.
///
/// It is text: words apart by spaces. A reader that knows nothing of them has lost nothing.
public struct RedactionStatement: Hashable, Sendable {
  /// Octets that each packet has at most (`snaplen=64`); nil where none was cut.
  public var snapLength: UInt32?
  /// Whether packets have nothing but headers (`headers-only`).
  public var headersOnly: Bool
  /// Whether addresses and payload were replaced (`scramble`).
  public var scrambled: Bool
  /// Words that are not known, for people.
  public var others: [String]

  /// Describes a redaction; none by default.
  public init(
    snapLength: UInt32? = nil, headersOnly: Bool = false, scrambled: Bool = false,
    others: [String] = []
  ) {
    self.snapLength = snapLength
    self.headersOnly = headersOnly
    self.scrambled = scrambled
    self.others = others
  }

  /// Takes a header's text apart.
  public init(_ text: String) {
    self.init()
    for word in text.split(separator: " ") { take(word) }
  }

  private mutating func take(_ word: Substring) {
    switch word {
    case "headers-only": headersOnly = true
    case "scramble": scrambled = true
    default:
      guard word.hasPrefix(Self.snapWord), let most = UInt32(word.dropFirst(Self.snapWord.count))
      else { return others.append(String(word)) }
      snapLength = min(snapLength ?? .max, most)
    }
  }

  private static let snapWord = "snaplen="

  /// Whether nothing is known to have been done.
  public var isEmpty: Bool { snapLength == nil && !headersOnly && !scrambled }

  /// The text for a header.
  public var text: String {
    var words: [String] = []
    if let snapLength { words.append("\(Self.snapWord)\(snapLength)") }
    if headersOnly { words.append("headers-only") }
    if scrambled { words.append("scramble") }
    return (words + others).joined(separator: " ")
  }

  /// What holds of a trace that was redacted so, and then as `next` says.
  public func followed(by next: RedactionStatement) -> RedactionStatement {
    RedactionStatement(
      snapLength: [snapLength, next.snapLength].compactMap(\.self).min(),
      headersOnly: headersOnly || next.headersOnly, scrambled: scrambled || next.scrambled,
      others: others + next.others.filter { !others.contains($0) })
  }
}

extension TraceHeader {
  /// What was left out or replaced on purpose, as far as it is known.
  public var redactionStatement: RedactionStatement { RedactionStatement(redaction) }
}
