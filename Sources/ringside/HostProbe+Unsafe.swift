internal import FoundationEssentials
internal import Glibc

/// What the system says when it is asked for a file, a library or a right.
enum HostProbe {
  /// What an attempt found.
  enum Answer: Equatable {
    case present
    case missing
    case refused(String)
  }

  /// Asks whether a file is there and may be opened for reading, or for reading and writing.
  static func file(_ path: String, writing: Bool = false) -> Answer {
    // SAFETY: the path lives as a C string for the call.
    guard unsafe access(path, writing ? R_OK | W_OK : R_OK) != 0 else { return .present }
    return [ENOENT, ENOTDIR].contains(errno) ? .missing : .refused(Console.errorText(errno))
  }

  /// Whether Linux's netback is loaded: it takes every vif of this host then.
  static var hasKernelBackend: Bool { file("/sys/bus/xen-backend/drivers/vif") != .missing }

  /// Asks whether the loader finds a library.
  static func library(_ name: String) -> Answer {
    // SAFETY: the name lives as a C string for the call; the handle is closed and not kept.
    guard let handle = unsafe dlopen(name, RTLD_LAZY) else { return .missing }
    unsafe dlclose(handle)
    return .present
  }

  /// The first line of a small file; nil where it cannot be read.
  static func firstLine(_ path: String) -> String? { lines(path)?.first }

  /// The lines of a file, of `/proc` too; nil where it cannot be read.
  static func lines(_ path: String) -> [String]? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Whether this process holds a capability of Linux, by its number.
  static func holds(capability number: Int) -> Bool {
    guard let line = lines("/proc/self/status")?.first(where: { $0.hasPrefix("CapEff:") }),
      let set = UInt64(line.dropFirst(7).drop(while: \.isWhitespace), radix: 16)
    else { return false }
    return set >> UInt64(number) & 1 == 1
  }
}
