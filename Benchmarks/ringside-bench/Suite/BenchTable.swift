/// Results as a table in Markdown, a line for each peer.
struct BenchTable {
  private static let heading = [
    "what", "unit", "ours", "least - most", "C", "ratio", "peer", "its", "ratio",
  ]
  private var rows: [[String]] = [heading]

  mutating func add(_ result: BenchResult) {
    let first = [
      result.name, result.unit.rawValue, fixed(result.ours),
      "\(fixed(result.least)) - \(fixed(result.most))",
      result.reference.map { fixed($0.median) } ?? "",
      result.reference.map { fixed($0.ratio) } ?? "",
    ]
    let peers = result.peers.map { [$0.name, fixed($0.median), fixed($0.ratio)] }
    rows.append(first + (peers.first ?? ["", "", ""]))
    for peer in peers.dropFirst() { rows.append(first.map { _ in "" } + peer) }
  }

  /// Its lines.
  var text: String {
    let widths = Self.heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      "| " + zip(cells, widths).map(pad).joined(separator: " | ") + " |"
    }
    let rule =
      "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
    return ([line(rows[0]), rule] + rows.dropFirst().map(line)).joined(separator: "\n")
  }
}
