import Synchronization
import XenRing

/// What was asked of a grant device: calls, and what stood in them.
public struct GrantUse: Hashable, Sendable, Encodable {
  /// Calls that copy.
  public var copyCalls: UInt64 = 0
  /// Single copies in them.
  public var copies: UInt64 = 0
  /// Octets in those.
  public var copiedOctets: UInt64 = 0
  /// Calls that map.
  public var mapCalls: UInt64 = 0
  /// Pages that were mapped.
  public var maps: UInt64 = 0
  /// Calls that unmap.
  public var unmapCalls: UInt64 = 0
  /// Pages that were unmapped.
  public var unmaps: UInt64 = 0

  enum CodingKeys: String, CodingKey {
    case copyCalls = "copy_calls"
    case copies
    case copiedOctets = "copied_octets"
    case mapCalls = "map_calls"
    case maps
    case unmapCalls = "unmap_calls"
    case unmaps
  }

  /// Nothing asked yet.
  public init() {}

  /// Adds what was asked elsewhere.
  public static func += (sum: inout Self, other: Self) { sum.combine(with: other, &+) }

  /// Takes away what was asked before.
  public static func -= (sum: inout Self, other: Self) { sum.combine(with: other, &-) }

  private mutating func combine(with other: Self, _ operation: (UInt64, UInt64) -> UInt64) {
    copyCalls = operation(copyCalls, other.copyCalls)
    copies = operation(copies, other.copies)
    copiedOctets = operation(copiedOctets, other.copiedOctets)
    mapCalls = operation(mapCalls, other.mapCalls)
    maps = operation(maps, other.maps)
    unmapCalls = operation(unmapCalls, other.unmapCalls)
    unmaps = operation(unmaps, other.unmaps)
  }
}

/// A grant device in front of another, which counts what it is asked. A single page that is mapped
/// (`GrantDevice.map(_:of:access:)`) counts as unmapped at once.
public final class MeteredGrants: GrantDeviceLayer {
  /// See `GrantDeviceLayer`.
  public let base: any GrantDevice
  private var asked = GrantUse()
  private let unmapped = UnmapMeter()

  /// Counts what is asked of `base`.
  public init(_ base: any GrantDevice) { self.base = base }

  /// What was asked so far.
  public var use: GrantUse {
    var use = asked
    use.unmapCalls = unmapped.calls
    use.unmaps = unmapped.pages
    return use
  }

  /// See `GrantDeviceLayer`.
  public func copied(_ operations: inout MutableSpan<GrantCopy>) {
    asked.copyCalls += 1
    for place in operations.indices {
      asked.copies += 1
      asked.copiedOctets += UInt64(operations[place].length)
    }
  }

  /// See `GrantDevice`.
  public func copy(
    _ operations: inout MutableSpan<ForeignCopy>, from source: DomainID, to target: DomainID
  ) {
    asked.copyCalls += 1
    for place in operations.indices {
      asked.copies += 1
      asked.copiedOctets += UInt64(operations[place].length)
    }
    base.copy(&operations, from: source, to: target)
  }

  /// See `GrantDevice`.
  public func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages {
    asked.mapCalls += 1
    let pages = try base.map(grants, of: domain, access: access)
    asked.maps += UInt64(grants.count)
    return MeteredPages(pages, unmapped)
  }
}

/// Pages that count when they are unmapped, on whatever thread that is.
private final class MeteredPages: MappedPages {
  private let base: any MappedPages
  private let meter: UnmapMeter

  init(_ base: any MappedPages, _ meter: UnmapMeter) {
    self.base = base
    self.meter = meter
  }

  deinit { meter.count(base.count) }

  var count: Int { base.count }
  func copyOctets(page index: Int, at offset: Int, into target: inout MutableRawSpan) {
    base.copyOctets(page: index, at: offset, into: &target)
  }
  func setOctets(_ octets: RawSpan, page index: Int, at offset: Int) {
    base.setOctets(octets, page: index, at: offset)
  }
  func page(_ index: Int) -> SharedPage { base.page(index) }
}

/// Unmaps, counted from any thread.
private final class UnmapMeter: Sendable {
  private let callCount = Atomic<UInt64>(0)
  private let pageCount = Atomic<UInt64>(0)

  var calls: UInt64 { callCount.load(ordering: .relaxed) }
  var pages: UInt64 { pageCount.load(ordering: .relaxed) }

  func count(_ pages: Int) {
    callCount.add(1, ordering: .relaxed)
    pageCount.add(UInt64(pages), ordering: .relaxed)
  }
}
