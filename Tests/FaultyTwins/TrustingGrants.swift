import XenInterface
import XenRing

/// Takes one status that Xen gives for success.
final class TrustingGrants: GrantDeviceLayer {
  let base: any GrantDevice
  private let lie: GrantStatus

  init(_ base: any GrantDevice, lie: Int16) {
    self.base = base
    self.lie = GrantStatus(rawValue: lie)
  }

  func copy(
    _ operations: inout MutableSpan<GrantCopy>, from domain: DomainID,
    into buffer: inout MutableRawSpan
  ) {
    base.copy(&operations, from: domain, into: &buffer)
    believe(&operations)
  }

  func copy(_ operations: inout MutableSpan<GrantCopy>, to domain: DomainID, from buffer: RawSpan) {
    base.copy(&operations, to: domain, from: buffer)
    believe(&operations)
  }

  private func believe(_ operations: inout MutableSpan<GrantCopy>) {
    for place in operations.indices where operations[place].status == lie {
      operations[place].status = .okay
    }
  }
}
