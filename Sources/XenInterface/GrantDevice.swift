public import XenRing

/// One copy between a page that another domain granted and a buffer of ours.
public struct GrantCopy: Hashable, Sendable, BitwiseCopyable {
  /// The granted page.
  public var grant: GrantReference
  /// First octet in the granted page.
  public var pageOffset: UInt16
  /// Octets to copy.
  public var length: UInt16
  /// First octet in our buffer.
  public var bufferOffset: UInt32
  /// What Xen answered; `unwritten` until then.
  public var status: GrantStatus

  /// Describes a copy that is still to be done.
  @inlinable public init(
    grant: GrantReference, pageOffset: UInt16, length: UInt16, bufferOffset: UInt32
  ) {
    self.grant = grant
    self.pageOffset = pageOffset
    self.length = length
    self.bufferOffset = bufferOffset
    status = .unwritten
  }
}

extension GrantCopy {
  /// The octets of our buffer that take part.
  @inlinable public var bufferRange: Range<Int> {
    Int(bufferOffset)..<(Int(bufferOffset) + Int(length))
  }
  /// Whether the octets of the granted page lie in it.
  @inlinable public var isInPage: Bool {
    Int(pageOffset) + Int(length) <= RingLayout.pageSize
  }
}

/// One copy between two pages that other domains granted.
public struct ForeignCopy: Hashable, Sendable, BitwiseCopyable {
  /// The page that is read.
  public var source: GrantReference
  /// The page that is written.
  public var target: GrantReference
  /// First octet in the page that is read.
  public var sourceOffset: UInt16
  /// First octet in the page that is written.
  public var targetOffset: UInt16
  /// Octets to copy.
  public var length: UInt16
  /// What Xen answered; `unwritten` until then.
  public var status: GrantStatus

  /// Describes a copy that is still to be done.
  @inlinable public init(
    source: GrantReference, sourceOffset: UInt16,
    target: GrantReference, targetOffset: UInt16, length: UInt16
  ) {
    self.source = source
    self.target = target
    self.sourceOffset = sourceOffset
    self.targetOffset = targetOffset
    self.length = length
    status = .unwritten
  }
}

extension ForeignCopy {
  /// Whether the octets lie in one page on either side.
  @inlinable public var isInPage: Bool {
    Int(max(sourceOffset, targetOffset)) + Int(length) <= RingLayout.pageSize
  }
}

/// What the mapping domain may do with a page.
public enum GrantAccess: Sendable { case readOnly, readWrite }

/// Why a page could not be mapped or granted.
public enum GrantError: Error, Hashable, Sendable {
  /// Xen refused the operation.
  case refused(GrantStatus)
  /// The operating system refused it; the payload is its error number.
  case system(Int32)
  /// No page, table entry or map slot is left.
  case exhausted
}

/// What a backend asks of the hypervisor: copies and mappings of pages another domain granted.
///
/// Called once per batch, never per slot.
public protocol GrantDevice: AnyObject {
  /// Copies out of the pages of `domain` into `buffer`; each operation gets its status.
  ///
  /// A failed operation leaves its octets of `buffer` undefined and does not stop the others.
  /// - Precondition: every operation's range lies in `buffer`.
  func copy(
    _ operations: inout MutableSpan<GrantCopy>, from domain: DomainID,
    into buffer: inout MutableRawSpan)

  /// Copies out of `buffer` into the pages of `domain`; each operation gets its status.
  ///
  /// - Precondition: every operation's range lies in `buffer`.
  func copy(
    _ operations: inout MutableSpan<GrantCopy>, to domain: DomainID, from buffer: RawSpan)

  /// Copies from pages of `source` straight into pages of `target`; each operation gets its status.
  func copy(
    _ operations: inout MutableSpan<ForeignCopy>, from source: DomainID, to target: DomainID)

  /// Maps granted pages with one call, all or none. They are unmapped when the returned object dies.
  ///
  /// A refusal does not say which grant was at fault: map them one by one to learn it.
  func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages
}

extension GrantDevice {
  /// Maps one granted page. It is unmapped when the returned page dies.
  public func map(
    _ grant: GrantReference, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> SharedPage {
    let one: [1 of GrantReference] = [grant]
    return try map(one.span, of: domain, access: access).page(0)
  }
}

/// A grant device in front of another, which does what this one leaves to it.
public protocol GrantDeviceLayer: GrantDevice {
  /// The other.
  var base: any GrantDevice { get }
  /// The other has done a batch of copies out of or into a guest's pages. The caller gets the statuses
  /// that stand there when this is over.
  func copied(_ operations: inout MutableSpan<GrantCopy>)
}

extension GrantDeviceLayer {
  /// Leaves the statuses as they are.
  public func copied(_ operations: inout MutableSpan<GrantCopy>) {}

  /// See `GrantDevice`.
  public func copy(
    _ operations: inout MutableSpan<GrantCopy>, from domain: DomainID,
    into buffer: inout MutableRawSpan
  ) {
    base.copy(&operations, from: domain, into: &buffer)
    copied(&operations)
  }

  /// See `GrantDevice`.
  public func copy(
    _ operations: inout MutableSpan<GrantCopy>, to domain: DomainID, from buffer: RawSpan
  ) {
    base.copy(&operations, to: domain, from: buffer)
    copied(&operations)
  }

  /// See `GrantDevice`.
  public func copy(
    _ operations: inout MutableSpan<ForeignCopy>, from source: DomainID, to target: DomainID
  ) {
    base.copy(&operations, from: source, to: target)
  }

  /// See `GrantDevice`.
  public func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages {
    try base.map(grants, of: domain, access: access)
  }
}

/// Pages of another domain that are mapped together. They are unmapped with the object.
public protocol MappedPages: AnyObject {
  /// Number of pages.
  var count: Int { get }
  /// Reads octets of page `index` from `offset` on; the range lies in the page.
  func copyOctets(page index: Int, at offset: Int, into target: inout MutableRawSpan)
  /// Writes `octets` into page `index` at `offset`; the range lies in the page.
  ///
  /// - Precondition: mapped with `readWrite`.
  func setOctets(_ octets: RawSpan, page index: Int, at offset: Int)
  /// Page `index` alone. The returned page keeps all pages mapped.
  func page(_ index: Int) -> SharedPage
}

/// Pages of ours that another domain may reach. Access ends, and the memory goes, with the object.
public protocol GrantedPages: AnyObject {
  /// One reference per page, in order.
  var grants: [GrantReference] { get }
  /// Writes `octets` into page `index` at `offset`; the range lies in the page.
  func setOctets(_ octets: RawSpan, page index: Int, at offset: Int)
  /// Reads octets of page `index` from `offset` on; the range lies in the page.
  func copyOctets(page index: Int, at offset: Int, into target: inout MutableRawSpan)
  /// Page `index` as ring memory. The returned page keeps these pages alive.
  func ringPage(_ index: Int) -> SharedPage
}

/// What a frontend asks of the hypervisor: pages that another domain may map or copy.
public protocol GrantAllocator: AnyObject {
  /// Shares `count` zeroed pages with `domain`.
  func share(
    _ count: Int, with domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any GrantedPages
}
