internal import Netback
internal import Replayer
internal import XenInterface

/// One trace by each path: what each asked of Xen.
struct PathComparison {
  private var rows = TextTable(heading: [
    "path", "packets", "copies", "calls", "octets/packet", "maps", "calls", "touched", "unmaps",
    "calls", "per batch", "verdict",
  ])

  /// Adds what a replay by `path` came to.
  mutating func add(_ path: DataPath, _ report: ReplayReport) {
    let use = report.grants
    let numbers = [use.copies, use.copyCalls].map(String.init)
    let mapped = [use.maps, use.mapCalls, report.mapped.touched, use.unmaps, use.unmapCalls]
      .map(String.init)
    let octets = report.packets == 0 ? 0 : use.copiedOctets / report.packets
    rows.add(
      [path.rawValue, "\(report.packets)"] + numbers + ["\(octets)"] + mapped
        + [Self.words(report.mapped.pagesPerBatch)]
        + [report.isFaithful ? "the same" : "\(report.diverged) diverged"])
  }

  /// With one decimal; a dash for none.
  private static func words(_ average: Double?) -> String {
    average.map { "\(($0 * 10).rounded() / 10)" } ?? "-"
  }

  /// The table, with what was replayed above it.
  func lines(_ name: String) -> [String] { ["\(name):"] + rows.lines.map { "  " + $0 } }
}
