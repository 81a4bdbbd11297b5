public import XenInterface
import XenRing

/// One map of a page that the guest granted, for what a frame has in it.
public struct GrantMap: Hashable, Sendable, BitwiseCopyable {
  /// The page.
  public var grant: GrantReference
  /// First octet of the frame's in the page.
  public var offset: UInt16
  /// How many they are.
  public var length: UInt16
  /// What Xen answered; `unwritten` until then.
  public var status: GrantStatus

  /// Describes a map that is still to be done.
  init(grant: GrantReference, offset: UInt16, length: UInt16) {
    self.grant = grant
    self.offset = offset
    self.length = length
    status = .unwritten
  }
}

/// A piece of a frame that lies in a page of the guest's, which is mapped until the frame is released.
///
/// The guest can still write to the page: read every octet once.
public struct FrameFragment {
  /// What was mapped for it.
  public let map: GrantMap
  /// Pages that were mapped together with it.
  public let pages: any MappedPages
  /// Its page among them.
  public let page: Int

  /// Copies its first octets, as many as `target` has.
  public func copyOctets(into target: inout MutableRawSpan) {
    pages.copyOctets(page: page, at: Int(map.offset), into: &target)
  }
}

extension [UInt8] {
  /// Appends a fragment's first `count` octets.
  mutating func append(_ fragment: FrameFragment, first count: Int) {
    let start = self.count
    append(contentsOf: repeatElement(0, count: count))
    var storage = mutableSpan
    var octets = storage.octets
    var target = octets._mutatingExtracting(start..<(start + count))
    fragment.copyOctets(into: &target)
  }
}
