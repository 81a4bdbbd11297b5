internal import ArgumentParser
internal import XenInterface

/// A vif by its name: `vif5.0` is domain 5, handle 0.
struct VifName: Hashable {
  var domain: DomainID
  var handle: VifHandle

  /// The name.
  var name: String { "vif\(domain.rawValue).\(handle.rawValue)" }

  /// Sees that this host has the vif.
  func checkExistence() throws(CommandFailure) {
    guard HostProbe.file(HostVifs.bus) == .present else { throw HostVifs.noBus }
    let device = "\(HostVifs.bus)/vif-\(domain.rawValue)-\(handle.rawValue)"
    guard HostProbe.file(device) == .present else {
      throw CommandFailure(
        .refused, "\(name): no such vif; `ringside list` shows those of this host")
    }
  }
}

extension VifName: ExpressibleByArgument {
  init?(argument: String) {
    let numbers = argument.dropFirst(3).split(separator: ".", omittingEmptySubsequences: false)
    guard argument.hasPrefix("vif"), numbers.count == 2, let domain = UInt16(numbers[0]),
      let handle = UInt32(numbers[1])
    else { return nil }
    self.init(domain: DomainID(rawValue: domain), handle: VifHandle(rawValue: handle))
  }
}
