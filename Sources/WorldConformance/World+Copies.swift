import XenInterface
import XenRing

extension World {
  /// Copies out of the frontend's pages.
  func copyOut(_ operations: inout [GrantCopy], bufferSize: Int = RingLayout.pageSize) -> [UInt8] {
    RawOctets.made(bufferSize) { buffer in
      var span = operations.mutableSpan
      backend.grants.copy(&span, from: frontend.domain, into: &buffer)
    }
  }

  /// Octets that no other page has.
  static func pattern(_ seed: UInt8, count: Int = RingLayout.pageSize) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) &+ seed }
  }

  /// Pages that the frontend lets the backend reach.
  func share(_ count: Int = 1, access: GrantAccess = .readWrite) throws -> any GrantedPages {
    try frontend.allocator.share(count, with: backend.domain, access: access)
  }

  /// A page with a pattern in it.
  func sharePattern(
    _ seed: UInt8, access: GrantAccess = .readWrite
  ) throws -> any GrantedPages {
    let page = try share(access: access)
    page.set(Self.pattern(seed))
    return page
  }

  /// Status of one copy out of the frontend's page.
  func statusOfCopyOut(
    _ grant: GrantReference, offset: UInt16 = 0, length: UInt16 = 64
  ) -> GrantStatus {
    var operation = [
      GrantCopy(grant: grant, pageOffset: offset, length: length, bufferOffset: 0)
    ]
    _ = copyOut(&operation, bufferSize: Int(length))
    return operation[0].status
  }

  /// Status of one copy into the frontend's page.
  func statusOfCopyIn(
    _ grant: GrantReference, offset: UInt16 = 0, octets: [UInt8] = pattern(9, count: 64)
  ) -> GrantStatus {
    var operation = [
      GrantCopy(
        grant: grant, pageOffset: offset, length: UInt16(octets.count), bufferOffset: 0)
    ]
    RawOctets.lend(octets) { buffer in
      var span = operation.mutableSpan
      backend.grants.copy(&span, to: frontend.domain, from: buffer)
    }
    return operation[0].status
  }

  /// What a grant of the frontend's is refused with when it is mapped; `nil` when it is mapped.
  func refusalOfMap(_ grant: GrantReference, access: GrantAccess = .readWrite) -> GrantError? {
    do throws(GrantError) {
      _ = try map([grant], access: access)
      return nil
    } catch { return error }
  }

  /// Maps grants of the frontend's, or of another domain's.
  func map(
    _ grants: [GrantReference], of domain: DomainID? = nil, access: GrantAccess = .readOnly
  ) throws(GrantError) -> any MappedPages {
    try backend.grants.map(grants.span, of: domain ?? frontend.domain, access: access)
  }
}

extension GrantedPages {
  /// All octets of a page.
  func octets(page index: Int = 0) -> [UInt8] {
    RawOctets.made(RingLayout.pageSize) { copyOctets(page: index, at: 0, into: &$0) }
  }

  /// Writes octets into a page.
  func set(_ octets: [UInt8], page index: Int = 0, at offset: Int = 0) {
    RawOctets.lend(octets) { setOctets($0, page: index, at: offset) }
  }
}

extension MappedPages {
  /// All octets of a page.
  func octets(page index: Int = 0) -> [UInt8] {
    RawOctets.made(RingLayout.pageSize) { copyOctets(page: index, at: 0, into: &$0) }
  }

  /// Writes octets into a page.
  func set(_ octets: [UInt8], page index: Int = 0, at offset: Int = 0) {
    RawOctets.lend(octets) { setOctets($0, page: index, at: offset) }
  }
}

extension GrantReference {
  /// A reference past the end of every grant table.
  static var impossible: GrantReference { GrantReference(rawValue: 0x7fff_fff0) }
}

extension DomainID {
  /// A domain that is not there.
  static var absent: DomainID { DomainID(rawValue: 32_000) }
}
