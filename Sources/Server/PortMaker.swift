public import PacketCapture
public import XenInterface

extension VifPlace {
  /// A pattern with the domain for `%d` and the handle for `%h`.
  public func filled(into pattern: String) -> String {
    var (name, isMark) = ("", false)
    for character in pattern {
      switch (isMark, character) {
      case (false, "%"):
        isMark = true
        continue
      case (true, "d"): name += "\(domain.rawValue)"
      case (true, "h"): name += "\(handle.rawValue)"
      default: name.append(character)
      }
      isMark = false
    }
    return name
  }
}

/// Makes the ports of vifs as they appear.
public protocol PortMaker: AnyObject {
  /// Ports that no vif owns; whoever drives the vifs drives them too.
  var sharedPorts: [any FramePort] { get }
  /// Makes the port of a vif.
  func makePort(for place: VifPlace) throws(CaptureError) -> any FramePort
}
