internal import CLinux
internal import Glibc

/// An interface of this host, by name.
public enum NetworkInterface {
  /// Sets it up.
  public static func setUp(_ name: String) throws(CaptureError) {
    // SAFETY: the call reads the name and does not keep it.
    let code = unsafe linux_interface_set_up(name)
    guard code == 0 else { throw error(-code) }
  }

  static func error(_ code: Int32) -> CaptureError {
    switch code {
    case EPERM, EACCES: .permissionDenied
    case ENODEV: .noInterface
    default: .system(code)
    }
  }
}
