import XenInterface
import XenRing

/// A grant device that keeps what it was asked to copy.
final class RecordingGrants: GrantDeviceLayer {
  let base: any GrantDevice
  private(set) var copies: [GrantCopy] = []

  init(_ base: any GrantDevice) { self.base = base }

  func copy(
    _ operations: inout MutableSpan<GrantCopy>, from domain: DomainID,
    into buffer: inout MutableRawSpan
  ) {
    note(operations.span)
    base.copy(&operations, from: domain, into: &buffer)
  }

  func copy(_ operations: inout MutableSpan<GrantCopy>, to domain: DomainID, from buffer: RawSpan) {
    note(operations.span)
    base.copy(&operations, to: domain, from: buffer)
  }

  private func note(_ operations: Span<GrantCopy>) {
    for place in operations.indices { copies.append(operations[place]) }
  }
}
