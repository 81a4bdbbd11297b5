/// The text form's current line and what comes after it.
package struct TextInput: ~Copyable {
  /// The current line.
  package var fields = TextFieldReader()
  private var lines: LineSource
  private var isHeld = false

  /// Before the first line of a source.
  package init(_ source: any ByteSource) { lines = LineSource(source) }

  /// Turns to the next line; false when there is none.
  mutating func next() throws(TraceTextError) -> Bool {
    if isHeld {
      isHeld = false
      return true
    }
    let isThere = try lines.next(into: &fields.cursor.line)
    fields.cursor.number = lines.number
    fields.cursor.start()
    return isThere
  }

  /// Turns to the next line that has more than a comment; false when there is none.
  package mutating func nextRecord() throws(TraceTextError) -> Bool {
    while try next() {
      if !fields.cursor.isAtEnd { return true }
    }
    return false
  }

  /// Takes the end of the line.
  package mutating func takeEnd() throws(TraceTextError) { try fields.cursor.takeEnd() }

  /// The error of not finding something here.
  package func missing(_ expected: TraceTextExpectation) -> TraceTextError {
    fields.cursor.missing(expected)
  }

  /// Has `next` turn to the current line once more.
  mutating func hold() { isHeld = true }
}
