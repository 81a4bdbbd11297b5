internal import Glibc

/// Standard output and standard error.
enum Console {
  /// Whether a person looks at standard error.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes a line to standard error.
  static func note(_ line: String) { noteOctets(line + "\n") }

  /// Reads a line from standard input; a person there is asked for it first. `nil` at the end.
  static func ask(_ question: String) -> String? {
    if isatty(STDIN_FILENO) == 1 {
      try? flush()
      noteOctets(question)
    }
    return readLine()
  }

  /// Replaces the line that the last call wrote, on a terminal only.
  static func progress(_ line: String) {
    if isTerminal { noteOctets("\r\u{1B}[K" + line) }
  }

  /// Clears the line of progress.
  static func endProgress() { progress("") }

  /// Sees that all of standard output has arrived where it goes.
  static func flush() throws(CommandFailure) {
    // A null stream asks for all open output streams.
    guard fflush(nil) == 0 else {
      throw CommandFailure(.refused, "standard output: \(errorText(errno))")
    }
  }

  /// The system's words for an error number.
  static func errorText(_ code: Int32) -> String {
    // SAFETY: strerror returns a string that ends in zero; it is copied before the next call.
    unsafe String(cString: strerror(code))
  }

  private static func noteOctets(_ text: String) {
    var text = text
    text.withUTF8 { octets in
      // SAFETY: the buffer is valid for the call. A person's text that cannot be shown is dropped.
      _ = unsafe write(STDERR_FILENO, octets.baseAddress, octets.count)
    }
  }
}
