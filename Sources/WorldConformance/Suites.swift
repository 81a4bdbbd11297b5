/// Rows that belong together, under a name that a command line takes.
public struct LabSuite {
  /// The name.
  public let name: String
  /// The rows, in the order in which they run.
  public let rows: [LabRow]

  /// Makes a suite.
  public init(_ name: String, _ rows: [LabRow]) {
    self.name = name
    self.rows = rows
  }

  /// What every world must do, whether Xen is real or simulated.
  public static var conformance: LabSuite {
    LabSuite(
      "conformance",
      LabRow.grantCopies + LabRow.grantMaps + LabRow.eventChannels + LabRow.store + LabRow.loops)
  }
}
