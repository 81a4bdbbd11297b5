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

/// A piece of a frame that lies in a page of the guest's, until the frame is released.
///
/// The guest can still write to the page: read every octet once.
public struct FrameFragment {
  /// What is mapped for it.
  public let map: GrantMap
  /// The pages of its frame.
  public let mapping: TxMapping
  /// Its page among them.
  public let page: Int

  /// Copies its first octets, as many as `target` has.
  ///
  /// - Returns: whether the page could be mapped, and the frame was not released yet.
  public func copyOctets(into target: inout MutableRawSpan) -> Bool {
    guard let pages = mapping.touch() else { return false }
    pages.copyOctets(page: page, at: Int(map.offset), into: &target)
    return true
  }
}

extension [UInt8] {
  /// Appends a fragment.
  ///
  /// - Parameter touching: whether that counts as touching its frame.
  /// - Returns: whether it could be reached.
  mutating func append(_ fragment: FrameFragment, touching: Bool) -> Bool {
    let mapping = fragment.mapping
    guard let pages = touching ? mapping.touch() : mapping.map() else { return false }
    append(
      page: fragment.page, of: pages, at: Int(fragment.map.offset), count: Int(fragment.map.length))
    return true
  }

  /// Appends `count` octets of a mapped page.
  mutating func append(page: Int, of pages: any MappedPages, at offset: Int, count: Int) {
    let start = self.count
    append(contentsOf: repeatElement(0, count: count))
    var storage = mutableSpan
    var octets = storage.octets
    var target = octets._mutatingExtracting(start..<(start + count))
    pages.copyOctets(page: page, at: offset, into: &target)
  }
}
