/// One of some words, by its number in octets and by its name in text.
protocol ScenarioWord: RawRepresentable<Int>, CaseIterable, Hashable, Sendable {
  /// The words, in the order of their numbers.
  static var words: [String] { get }
}

/// A ring of the vif.
public enum ScenarioRing: Int, ScenarioWord {
  case tx
  case rx
  case control

  static let words = ["tx", "rx", "control"]
}

/// What a backend may do with a page.
public enum ScenarioAccess: Int, ScenarioWord {
  /// Nothing: the grant was taken back.
  case none
  /// Read it.
  case read
  /// Read and write it.
  case write

  static let words = ["none", "read", "write"]
}

/// What is known of a frame's checksum.
public enum ScenarioChecksum: Int, ScenarioWord {
  /// Nothing.
  case unknown
  /// It is to be finished.
  case partial
  /// It is right.
  case verified

  static let words = ["unknown", "partial", "verified"]
}
