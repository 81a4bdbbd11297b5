import Netback

/// What became of the pages that a backend mapped behind the first octets of packets.
public struct MappedUse: Hashable, Sendable, Encodable {
  /// Frames of which somebody asked for octets in them (`VifStatistics.txTouched`). The replay's own
  /// looking does not count.
  public var touched: UInt64 = 0
  /// Times that pages were unmapped together.
  public var unmapBatches: UInt64 = 0
  /// Pages in them.
  public var unmappedPages: UInt64 = 0

  enum CodingKeys: String, CodingKey {
    case touched
    case unmapBatches = "unmap_batches"
    case unmappedPages = "unmapped_pages"
  }

  /// Nothing mapped yet.
  public init() {}

  /// What a vif has counted.
  init(_ statistics: VifStatistics) {
    touched = statistics.txTouched
    unmapBatches = statistics.txUnmapBatches
    unmappedPages = statistics.txUnmappedPages
  }

  /// Pages of a batch, on average; `nil` when there was none.
  public var pagesPerBatch: Double? {
    unmapBatches == 0 ? nil : Double(unmappedPages) / Double(unmapBatches)
  }

  /// Adds what became of those of another backend.
  static func += (sum: inout Self, other: Self) { sum.combine(with: other, &+) }

  /// Takes away what became of those before.
  static func -= (sum: inout Self, other: Self) { sum.combine(with: other, &-) }

  private mutating func combine(with other: Self, _ operation: (UInt64, UInt64) -> UInt64) {
    touched = operation(touched, other.touched)
    unmapBatches = operation(unmapBatches, other.unmapBatches)
    unmappedPages = operation(unmappedPages, other.unmappedPages)
  }
}
