/// The text form's current line and what comes after it.
struct TextInput: ~Copyable {
  /// The current line.
  var fields = TextFieldReader()
  private var lines: LineSource
  private var isHeld = false

  init(_ source: any ByteSource) { lines = LineSource(source) }

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

  /// Has `next` turn to the current line once more.
  mutating func hold() { isHeld = true }
}
