internal import CXen

/// The libraries of Xen's that this module works with.
public enum XenLibraries {
  /// Their version, where they are part of the program; nil where the loader finds them.
  public static let builtIn: String? = XEN_BUILT_IN.isEmpty ? nil : XEN_BUILT_IN
}
