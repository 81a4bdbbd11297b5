/// Rows that belong together, under a name that a command line takes.
public struct LabSuite {
  /// The name.
  public let name: String
  /// The rows, in the order in which they run.
  public let rows: [LabRow]
  /// Whether a row that failed with this error may be tried once more: it tells of a fault that somebody
  /// else's backend is known to have now and then.
  public let excuses: (any Error) -> Bool

  /// Makes a suite, without excuses unless some are given.
  public init(
    _ name: String, _ rows: [LabRow], excuses: @escaping (any Error) -> Bool = { _ in false }
  ) {
    self.name = name
    self.rows = rows
    self.excuses = excuses
  }

  /// What every world must do, whether Xen is real or simulated.
  public static var conformance: LabSuite {
    LabSuite(
      "conformance",
      LabRow.grantCopies + LabRow.grantMaps + LabRow.eventChannels + LabRow.store + LabRow.loops)
  }
}
