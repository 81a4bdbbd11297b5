import Netback
import XenInterface
import XenRing

/// The pages of `CasePages` as arrays, and the references that stand for them.
final class BarePages: GrantDevice {
  /// The octets of each page.
  static let octets = (0..<CasePages.count).map(CasePages.octets)
  /// Its reference.
  static let grants = octets.indices.map { GrantReference(rawValue: 100 + UInt32($0)) }

  /// The octets of a page; `nil` when the reference is none of theirs.
  static func page(_ grant: UInt32) -> [UInt8]? {
    octets.indices.contains(Int(grant) - 100) ? octets[Int(grant) - 100] : nil
  }

  func copy(
    _ operations: inout MutableSpan<GrantCopy>, from domain: DomainID,
    into buffer: inout MutableRawSpan
  ) {
    for place in operations.indices {
      let operation = operations[place]
      operations[place].status = Self.status(of: operation)
      guard operations[place].status == .okay, let page = Self.page(operation.grant.rawValue) else {
        continue
      }
      let first = Int(operation.pageOffset)
      let octets = page.span.octets.extracting(first..<(first + Int(operation.length)))
      buffer.setOctets(octets, at: Int(operation.bufferOffset))
    }
  }

  private static func status(of operation: GrantCopy) -> GrantStatus {
    guard page(operation.grant.rawValue) != nil else { return .badGrantReference }
    return operation.isInPage ? .okay : .badCopyArgument
  }

  func copy(_ operations: inout MutableSpan<GrantCopy>, to domain: DomainID, from buffer: RawSpan) {
    for place in operations.indices { operations[place].status = .permissionDenied }
  }

  func copy(
    _ operations: inout MutableSpan<ForeignCopy>, from source: DomainID, to target: DomainID
  ) {
    for place in operations.indices { operations[place].status = .permissionDenied }
  }

  func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages { throw .refused(.permissionDenied) }
}

/// Digests the frames that come, and lets each go.
final class DigestSink: FrameSink {
  private(set) var frames: [FrameDigest] = []
  private var gathered: [UInt8] = []
  /// Called with the head of each frame.
  var release: (RingIndex) -> Void = { _ in }

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    for place in batch.frames.indices {
      let frame = batch.frames[place]
      let digest = batch.withOctets(of: frame, gatheredIn: &gathered) { FrameDigest($0) }
      if let digest { frames.append(digest) }
      release(frame.head)
    }
  }
}
