internal import Foundation
internal import Testing

@Suite struct `The table of what each path asks of Xen` {
  private static let paths = [
    "copy", "map", "map-large", "lazy", "persistent", "header", "staged",
  ]

  @Test func `says of each path what it copied, mapped, touched and unmapped`() throws {
    let folder = try ScratchFolder()
    let trace = folder.path("guest.ringtrace")
    #expect(try CommandRun("record", "--simulate", "-c", "120", "-w", trace).code == 0)
    let run = try CommandRun("replay", "--path", "all", "--json", trace)
    #expect(run.code == 0, "\(run.errors)")
    let rows = run.errors.split(separator: "\n").dropFirst().map(Self.cells)
    #expect(
      rows.first == [
        "path", "packets", "copies", "calls", "octets/packet", "maps", "calls", "touched",
        "unmaps", "calls", "per batch", "verdict",
      ])
    let summaries = try run.output.split(separator: "\n").map { try Summary($0) }
    #expect(summaries.map(\.path) == Self.paths)
    #expect(rows.dropFirst().map { Array($0) } == summaries.map(\.row))
    for summary in summaries where summary.path.hasPrefix("map") {
      #expect(summary.mapped.unmapBatches > 1)
      #expect(summary.mapped.unmappedPages == summary.grants.maps)
      #expect(summary.mapped.touched == 0)
    }
    #expect(summaries[0].row[5...] == ["0", "0", "0", "0", "0", "-", "the same"])
  }

  /// The cells of a line, which stand two blanks or more apart.
  private static func cells(_ line: Substring) -> [String] {
    line.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }
}

/// What the same replay says to programs.
private struct Summary: Decodable {
  struct Grants: Decodable {
    var copies, copyCalls, copiedOctets, maps, mapCalls, unmaps, unmapCalls: Int
  }
  struct Mapped: Decodable {
    var touched, unmapBatches, unmappedPages: Int
  }

  var path: String
  var packets, diverged: Int
  var grants: Grants
  var mapped: Mapped

  init(_ line: Substring) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Self.self, from: Data(line.utf8))
  }

  /// The row that the table has of it.
  var row: [String] {
    let counts = [
      packets, grants.copies, grants.copyCalls, grants.copiedOctets / packets, grants.maps,
      grants.mapCalls, mapped.touched, grants.unmaps, grants.unmapCalls,
    ]
    let batch = Double(mapped.unmappedPages) / Double(max(mapped.unmapBatches, 1))
    return [path] + counts.map { "\($0)" }
      + [mapped.unmapBatches == 0 ? "-" : String(format: "%.1f", batch)] + ["the same"]
  }
}
