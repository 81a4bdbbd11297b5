/// Why this machine's Xen could not be reached.
public enum HostError: Error, Hashable, Sendable {
  /// A device node or the store's socket could not be opened; `code` is the system's error number.
  case unavailable(device: String, code: Int32)
  /// The store does not say which domain this is.
  case unknownDomain
}

extension HostError {
  /// Whether it is simply not there, so that what needs it is to be skipped, not failed.
  public var isAbsence: Bool {
    switch self {
    case .unavailable(_, let code): [2, 6, 19].contains(code)  // ENOENT, ENXIO, ENODEV
    case .unknownDomain: false
    }
  }
}
