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

  /// Whether there is such an interface.
  public static func exists(_ name: String) -> Bool { alias(of: name) != nil }

  /// Its alias, a word of the administrator's; empty when it has none, nil when there is no such
  /// interface.
  public static func alias(of name: String) -> String? {
    var room = [CChar](repeating: 0, count: 256)
    // SAFETY: the call reads the name, and writes into the room at most as much as it is told.
    let length = unsafe room.withUnsafeMutableBufferPointer { room in
      guard let start = room.baseAddress else { return Int32(0) }
      return unsafe linux_interface_alias(name, start, UInt32(room.count))
    }
    guard length >= 0 else { return nil }
    return String(decoding: room.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Gives it an alias.
  public static func setAlias(of name: String, _ alias: String) throws(CaptureError) {
    // SAFETY: the call reads both and keeps neither.
    let code = unsafe linux_interface_set_alias(name, alias)
    guard code == 0 else { throw error(-code) }
  }

  static func error(_ code: Int32) -> CaptureError {
    switch code {
    case EPERM, EACCES: .permissionDenied
    case ENODEV: .noInterface
    case ENETDOWN: .interfaceDown
    default: .system(code)
    }
  }
}
