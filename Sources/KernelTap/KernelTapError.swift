/// Why the kernel's netback cannot be recorded here.
public enum KernelTapError: Error, Hashable, Sendable {
  /// libbpf, or a function of it, is not on this machine.
  case libraryMissing(String)
  /// The kernel tells nothing of its types, or xen-netback is not loaded; the file that says so.
  case typesMissing(path: String)
  /// A function that the tap hooks into is not in this kernel.
  case functionMissing(String)
  /// A field that the tap reads is not in this kernel.
  case fieldMissing(String)
  /// The kernel refused for lack of rights.
  case notPermitted(String)
  /// The kernel refused for another reason; the loader's words.
  case refused(String)
  /// A record could not be understood. A fault of ours.
  case undecodable
}

extension KernelTapError: CustomStringConvertible {
  /// One line for people.
  public var description: String {
    switch self {
    case .libraryMissing(let what): "\(what) is not on this machine (Debian: apt install libbpf1)"
    case .typesMissing(let path):
      path.hasSuffix("vmlinux")
        ? "this kernel has no type information (\(path))"
        : "xen-netback is not loaded, or has no type information (\(path))"
    case .functionMissing(let name): "this kernel has no function \(name) to hook into"
    case .fieldMissing(let name): "this kernel has no field \(name)"
    case .notPermitted(let what): "not permitted: \(what)"
    case .refused(let words): "the kernel refused the tap: \(words)"
    case .undecodable: "a record of the kernel tap could not be understood"
    }
  }
}
