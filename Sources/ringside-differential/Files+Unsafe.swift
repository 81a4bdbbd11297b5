import Glibc

/// The octets of a file, or of one that the kernel shows; `nil` when it cannot be read.
func octets(of path: String) -> [UInt8]? {
  // SAFETY: a C string that the call only reads.
  let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return nil }
  defer { close(file) }
  var octets: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    // SAFETY: the call writes at most as many octets as the array has.
    let count = unsafe part.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
    guard count >= 0 else { return nil }
    if count == 0 { return octets }
    octets += part.prefix(count)
  }
}

/// Writes a line for people, beside the answers.
func note(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

/// Writes text at once.
func write(_ text: String, to file: Int32) {
  let octets = Array(text.utf8)
  // SAFETY: the call reads as many octets as the array has.
  _ = unsafe octets.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
}
