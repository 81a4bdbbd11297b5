public import XenInterface
public import XenRing

/// The pages of one frame, mapped with one call until the frame is released. They are unmapped with
/// the last value that names them.
public struct TxMapping {
  /// Index of the first slot of the frame's packet.
  public let head: RingIndex
  /// The pages.
  let pages: any MappedPages
  /// A number for the first page; those behind it have the next ones. They say which unmap ends which
  /// map, as Xen's handles do, which the system keeps to itself.
  public let firstHandle: UInt32
  /// What was mapped, in the order of the pages.
  public let grants: [GrantReference]
}
