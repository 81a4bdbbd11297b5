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

  func copied(_ operations: inout MutableSpan<GrantCopy>) {
    for place in operations.indices where operations[place].status == lie {
      operations[place].status = .okay
    }
  }
}
