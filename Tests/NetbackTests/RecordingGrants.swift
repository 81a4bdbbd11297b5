import XenInterface
import XenRing

/// A grant device that keeps what it was asked to copy.
final class RecordingGrants: GrantDeviceLayer {
  let base: any GrantDevice
  private(set) var copies: [GrantCopy] = []

  init(_ base: any GrantDevice) { self.base = base }

  func copied(_ operations: inout MutableSpan<GrantCopy>) {
    for place in operations.indices { copies.append(operations[place]) }
  }
}
