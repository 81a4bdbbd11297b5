internal import RingCases

/// Lines that Linux's netback writes to the kernel's log about a guest.
enum KernelLine {
  /// What is found in a line, and the rule that it is about.
  private static let fragments: [(String, MatrixRule)] = [
    ("Impossible number of requests", .producer),
    ("slots but exceeds this limit", .missingSlot),
    ("Malicious frontend using", .slotLimit),
    ("Too many slots", .slotLimit),
    ("slot size", .sizeSum),
    ("Cross page boundary", .pageCrossing),
    ("txreq.offset", .pageCrossing),
    ("Missing extra info", .missingExtra),
    ("Invalid extra type", .extraType),
    ("Bad packet size", .minimumSize),
    ("GSO size must not be zero", .gsoSize),
    ("Bad GSO type", .gsoType),
  ]

  /// The rule that a line is about; `nil` for any other text.
  static func rule(of line: String) -> MatrixRule? {
    fragments.first { line.contains($0.0) }?.1
  }
}
