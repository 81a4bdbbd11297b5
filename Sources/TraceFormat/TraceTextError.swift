/// Why a line of the text form cannot be read: where, and what should have stood there.
public struct TraceTextError: Error, Hashable, Sendable {
  /// The line, from 1.
  public var line: Int
  /// The octet of the line, from 1.
  public var column: Int
  /// What was expected at that place.
  public var expected: TraceTextExpectation

  /// Describes an error.
  public init(line: Int, column: Int, expected: TraceTextExpectation) {
    self.line = line
    self.column = column
    self.expected = expected
  }
}

/// What a line of the text form should have had.
public enum TraceTextExpectation: Hashable, Sendable {
  /// The first line, `ringside-trace` and a version that this library reads.
  case version
  /// A line of the header, or `events`.
  case headerLine
  /// One of these words.
  case oneOf([String])
  /// A field, `NAME=`.
  case field(String)
  /// A number from 0 to this one, in decimal or with 0x in hexadecimal.
  case number(upTo: UInt64)
  /// A number, perhaps negative, of 16 bits.
  case signedNumber
  /// A time in seconds with up to nine digits behind the point.
  case time
  /// A whole number of octets in hexadecimal.
  case octets
  /// Text in quotes.
  case text
  /// Nothing more on the line.
  case endOfLine
  /// The `events` line before the end of the file.
  case events
  /// A line, or payload, no longer than `TraceLimits` allows.
  case shorter
  /// A file that can be read.
  case readableFile(TransferError)
}
