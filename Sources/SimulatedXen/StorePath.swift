internal import XenInterface

/// What the store's paths mean.
enum StorePath {
  /// The longest path the store takes (C constant `XENSTORE_ABS_PATH_MAX`).
  static let lengthLimit = 3072
  /// The most octets of path and value in one message (C constant `XENSTORE_PAYLOAD_MAX`).
  static let payloadLimit = 4096

  /// Whether the store takes this as a path: `/a/b-c`, nothing empty, no slash at the end.
  static func isValid(_ path: String) -> Bool {
    guard path.utf8.first == slash, path.utf8.count <= lengthLimit else { return false }
    guard path != "/" else { return true }
    // Every access to the store comes by here: one walk over the octets.
    var isBehindSlash = false
    for octet in path.utf8 {
      guard isAllowed(octet), !(isBehindSlash && octet == slash) else { return false }
      isBehindSlash = octet == slash
    }
    return !isBehindSlash
  }

  private static let slash = UInt8(ascii: "/")

  private static func isAllowed(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "/"): true
    default: false
    }
  }

  /// The path of the key above; `nil` above the root.
  static func parent(of path: String) -> String? {
    guard path != "/", let place = path.utf8.lastIndex(of: slash) else { return nil }
    return place == path.startIndex ? "/" : String(path[..<place])
  }

  /// The last part of a path.
  static func name(of path: String) -> String {
    path.utf8.lastIndex(of: slash).map { String(path[path.utf8.index(after: $0)...]) } ?? path
  }

  /// Whether `path` is `above` or lies below it.
  static func isPath(_ path: String, atOrBelow above: String) -> Bool {
    path == above || above == "/" || path.hasPrefix(above + "/")
  }

  /// Where a domain's keys are.
  static func home(of domain: DomainID) -> String { "/local/domain/\(domain.rawValue)" }
}

/// Who may do what in the store, in a simple form of what the toolstack's permissions come to.
struct StoreRights {
  let domain: DomainID
  let exists: (String) -> Bool

  /// The control domain writes everywhere, others in their own device and data directories.
  func mayWrite(_ path: String) -> Bool {
    guard domain != .control else { return true }
    let home = StorePath.home(of: domain)
    if StorePath.isPath(path, atOrBelow: home + "/data") { return true }
    let parts = parts(of: path, below: home)
    switch parts.first {
    case "device"?: return isDirectory(home, parts.prefix(3), parts.count >= 3)
    case "backend"?: return isDirectory(home, parts.prefix(4), parts.count >= 4)
    default: return false
    }
  }

  /// A domain reads its own keys, and both directories of each device it has an end of.
  func mayRead(_ path: String) -> Bool {
    let home = StorePath.home(of: domain)
    if domain == .control || StorePath.isPath(path, atOrBelow: home) { return true }
    let parts = parts(of: path, below: "/local/domain")
    guard parts.count >= 4 else { return false }
    switch parts[1] {
    case "backend": return parts[3] == "\(domain.rawValue)"
    case "device": return exists("\(home)/backend/\(parts[2])/\(parts[0])/\(parts[3])")
    default: return false
    }
  }

  private func isDirectory(_ home: String, _ parts: ArraySlice<String>, _ isDeep: Bool) -> Bool {
    isDeep && exists(home + "/" + parts.joined(separator: "/"))
  }

  private func parts(of path: String, below above: String) -> [String] {
    guard path.hasPrefix(above + "/") else { return [] }
    return path.dropFirst(above.count + 1).split(separator: "/").map(String.init)
  }
}
