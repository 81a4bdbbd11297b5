public import TraceFormat

/// What is to be left out of a trace or replaced in it.
public struct Redaction: Hashable, Sendable {
  /// Octets that each packet keeps at most; nil keeps all.
  public var snapLength: UInt32?
  /// Whether packets keep nothing but the headers of Ethernet, IP and TCP or UDP.
  public var headersOnly: Bool
  /// The key by which addresses and payload are replaced; nil where they are not.
  public var key: ScrambleKey?

  /// Describes a redaction; nothing is done by default.
  public init(snapLength: UInt32? = nil, headersOnly: Bool = false, key: ScrambleKey? = nil) {
    self.snapLength = snapLength
    self.headersOnly = headersOnly
    self.key = key
  }

  /// What a header says of it.
  public var statement: RedactionStatement {
    RedactionStatement(snapLength: snapLength, headersOnly: headersOnly, scrambled: key != nil)
  }

  /// How it replaces.
  var replacement: Replacement? { key.map { .keyed(Scrambler($0)) } }
}

/// Where packets are cut.
struct PacketCut {
  /// Octets that headers take at most.
  static let longestHeaders: UInt32 = 256

  private let snapLength: Int
  private let headersOnly: Bool

  init(_ statement: RedactionStatement) {
    snapLength = statement.snapLength.map { Int($0) } ?? .max
    headersOnly = statement.headersOnly
  }

  /// Octets that a packet keeps at most, by what is known of it.
  func limit(of layout: FrameLayout) -> Int {
    min(snapLength, headersOnly ? min(layout.headersEnd, Int(Self.longestHeaders)) : .max)
  }

  /// Octets that a packet keeps at most of which nothing is known but its place in the packet.
  var limitBehindHeaders: Int { headersOnly ? 0 : snapLength }

  /// Whether octets of which not even the place is known can stay.
  var keepsUnplaced: Bool { !headersOnly && snapLength == .max }
}
