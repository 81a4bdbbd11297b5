internal import CXen
internal import Glibc
internal import XenInterface
internal import XenRing

/// `/dev/xen/gntdev` through libxengnttab.
@safe final class HostGrantDevice: GrantDevice {
  static let path = "/dev/xen/gntdev"

  // SAFETY: opened in `init`, closed in `deinit`; a mapping holds the device, so it dies first.
  let handle: OpaquePointer
  // SAFETY: room for `capacity` segments, written in full before the call reads them.
  private var segments: UnsafeMutablePointer<CopySegment>
  private var capacity = 64
  // SAFETY: an octet that nobody reads; it lives as long as the device.
  private let spare: UnsafeMutablePointer<UInt8>

  init() throws(HostError) {
    guard let handle = unsafe xengnttab_open(xen_quiet_logger(), 0) else {
      throw .unavailable(device: Self.path, code: errno)
    }
    unsafe self.handle = handle
    unsafe segments = .allocate(capacity: capacity)
    unsafe spare = .allocate(capacity: 1)
  }

  deinit {
    unsafe segments.deallocate()
    unsafe spare.deallocate()
    _ = unsafe xengnttab_close(handle)
  }

  func copy(
    _ operations: inout MutableSpan<GrantCopy>, from domain: DomainID,
    into buffer: inout MutableRawSpan
  ) {
    unsafe buffer.withUnsafeMutableBytes { octets in
      unsafe run(&operations, from: domain) { operation in
        precondition(operation.bufferRange.upperBound <= octets.count)
        var segment = unsafe CopySegment.empty(flags: GNTCOPY_source_gref)
        guard operation.isInPage else { return unsafe segment }
        unsafe segment.source.foreign.ref = operation.grant.rawValue
        unsafe segment.source.foreign.offset = operation.pageOffset
        unsafe segment.source.foreign.domid = domain.rawValue
        unsafe segment.dest.virt = octets.baseAddress.map {
          unsafe $0 + Int(operation.bufferOffset)
        }
        unsafe segment.len = operation.length
        return unsafe segment
      }
    }
  }

  func copy(_ operations: inout MutableSpan<GrantCopy>, to domain: DomainID, from buffer: RawSpan) {
    unsafe buffer.withUnsafeBytes { octets in
      unsafe run(&operations, from: domain) { operation in
        precondition(operation.bufferRange.upperBound <= octets.count)
        var segment = unsafe CopySegment.empty(flags: GNTCOPY_dest_gref)
        guard operation.isInPage else { return unsafe segment }
        // SAFETY: the kernel only reads the local side of a copy whose destination is granted.
        unsafe segment.source.virt = unsafe octets.baseAddress.map {
          unsafe UnsafeMutableRawPointer(mutating: $0 + Int(operation.bufferOffset))
        }
        unsafe segment.dest.foreign.ref = operation.grant.rawValue
        unsafe segment.dest.foreign.offset = operation.pageOffset
        unsafe segment.dest.foreign.domid = domain.rawValue
        unsafe segment.len = operation.length
        return unsafe segment
      }
    }
  }

  func copy(
    _ operations: inout MutableSpan<ForeignCopy>, from source: DomainID, to target: DomainID
  ) {
    unsafe run(&operations, from: source) { operation in
      var segment = unsafe CopySegment.empty(flags: GNTCOPY_source_gref | GNTCOPY_dest_gref)
      guard operation.isInPage else { return unsafe segment }
      unsafe segment.source.foreign.ref = operation.source.rawValue
      unsafe segment.source.foreign.offset = operation.sourceOffset
      unsafe segment.source.foreign.domid = source.rawValue
      unsafe segment.dest.foreign.ref = operation.target.rawValue
      unsafe segment.dest.foreign.offset = operation.targetOffset
      unsafe segment.dest.foreign.domid = target.rawValue
      unsafe segment.len = operation.length
      return unsafe segment
    }
  }

  func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages {
    var references = grants.indices.map { grants[$0].rawValue }
    let protection = access == .readOnly ? PROT_READ : PROT_READ | PROT_WRITE
    let base = unsafe xengnttab_map_domain_grant_refs(
      handle, UInt32(references.count), UInt32(domain.rawValue), &references, protection)
    let code = errno
    guard let base = unsafe base else { throw reason(grants, domain, code: code) }
    return unsafe HostMapping(base, count: references.count, access: access, device: self)
  }
}

extension HostGrantDevice {
  /// Runs a batch with one call. A copy that would cross a page makes the kernel refuse the whole
  /// batch, so such a one goes empty and is answered here, as Xen would answer it. Of an empty copy
  /// the kernel asks nothing, where Xen would look at the grant: so an octet is read in its place.
  private func run<Operation: GrantOperation>(
    _ operations: inout MutableSpan<Operation>, from domain: DomainID,
    _ segment: (Operation) -> CopySegment
  ) {
    reserve(operations.count)
    for index in operations.indices {
      let operation = operations[index]
      unsafe segments[index] =
        operation.length == 0 ? glance(at: operation.named, of: domain) : segment(operation)
    }
    let result = unsafe xengnttab_grant_copy(handle, UInt32(operations.count), segments)
    for index in operations.indices {
      let answer = unsafe GrantStatus(rawValue: segments[index].status)
      let status: GrantStatus = operations[index].isInPage ? answer : .badCopyArgument
      operations[index].status = result == 0 ? status : .unwritten
    }
  }

  /// Reads one octet of a granted page, for the status alone.
  private func glance(at grant: GrantReference, of domain: DomainID) -> CopySegment {
    var segment = unsafe CopySegment.empty(flags: GNTCOPY_source_gref)
    unsafe segment.source.foreign.ref = grant.rawValue
    unsafe segment.source.foreign.domid = domain.rawValue
    unsafe segment.dest.virt = UnsafeMutableRawPointer(spare)
    unsafe segment.len = 1
    return unsafe segment
  }

  private func reserve(_ count: Int) {
    guard count > capacity else { return }
    unsafe segments.deallocate()
    capacity = count
    unsafe segments = .allocate(capacity: count)
  }

  /// Why a map call failed. The kernel does not say; a copy of one octet from each page does.
  private func reason(
    _ grants: Span<GrantReference>, _ domain: DomainID, code: Int32
  ) -> GrantError {
    // SAFETY (below): the octet is a whole value whatever is copied over it.
    var octets: [1 of UInt8] = [0]
    for index in grants.indices {
      var probe: [1 of GrantCopy] = [
        GrantCopy(grant: grants[index], pageOffset: 0, length: 1, bufferOffset: 0)
      ]
      var operations = probe.mutableSpan
      var octet = octets.mutableSpan
      var buffer = unsafe octet.mutableBytes
      copy(&operations, from: domain, into: &buffer)
      guard operations[0].status == .okay else { return .refused(operations[0].status) }
    }
    return .system(code)
  }
}

private typealias CopySegment = xengnttab_grant_copy_segment_t

extension CopySegment {
  /// A copy of nothing, whose status says so if nobody writes it.
  fileprivate static func empty(flags: Int32) -> CopySegment {
    var segment = unsafe CopySegment()
    unsafe segment.flags = UInt16(truncatingIfNeeded: flags)
    unsafe segment.status = GrantStatus.unwritten.rawValue
    return unsafe segment
  }
}

/// An operation that stands in a batch of copies.
private protocol GrantOperation: BitwiseCopyable {
  var status: GrantStatus { get set }
  var isInPage: Bool { get }
  var length: UInt16 { get }
  /// The grant by which an empty copy is judged.
  var named: GrantReference { get }
}

extension GrantCopy: GrantOperation { fileprivate var named: GrantReference { grant } }
extension ForeignCopy: GrantOperation { fileprivate var named: GrantReference { source } }
