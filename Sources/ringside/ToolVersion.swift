internal import CZlib
internal import XenHost

/// Which ringside this is.
enum ToolVersion {
  /// As the header of every trace has it.
  static let current = "0.1.0"

  /// As `--version` has it: with what the program is made of and what it looks for when that is needed.
  static let sentence =
    "ringside \(current) (\(build); \(parts); looked for when needed: \(sought))"

  /// How Xen's libraries come to the program. The others come as they do.
  static let xen = XenLibraries.builtIn.map { "\($0), built in" } ?? "shared"

  private static let parts =
    XenLibraries.builtIn.map { "built in: libxen \($0), zlib \(ZLIB_VERSION), Swift's runtime" }
    ?? "shared: libxen, zlib, Swift's runtime"
  private static let sought = RuntimeLibrary.all.map(\.name).joined(separator: ", ")
  private static let build = architecture + (isDebug ? ", debug" : ", optimized")

  #if arch(x86_64)
    private static let architecture = "x86_64"
  #elseif arch(arm64)
    private static let architecture = "aarch64"
  #else
    private static let architecture = "another processor"
  #endif
  #if DEBUG
    private static let isDebug = true
  #else
    private static let isDebug = false
  #endif
}
