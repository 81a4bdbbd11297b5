internal import CXen
internal import Glibc
internal import XenInterface
internal import XenRing

/// What stands ahead of each message to and from xenstored (`xs_wire.h`).
struct StoreHeader {
  /// Octets that it takes.
  static let count = 16
  /// Octets that may follow it (C constant `XENSTORE_PAYLOAD_MAX`).
  static let longestPayload = Int(XENSTORE_PAYLOAD_MAX)

  var kind: xsd_sockmsg_type
  /// The request's number, which its reply has, too.
  var number: UInt32 = 0
  /// 0 outside of transactions.
  var transaction: UInt32 = 0
  /// Octets that follow.
  var length: Int

  var octets: [UInt8] {
    var octets: [UInt8] = []
    for word in [kind.rawValue, number, transaction, UInt32(clamping: length)] {
      octets.append(littleEndian: word)
    }
    return octets
  }
}

extension StoreHeader {
  /// Reads one; `nil` where octets lack, or more would follow than may.
  init?(octets: [UInt8]) {
    guard octets.count == Self.count else { return nil }
    let words = stride(from: 0, to: Self.count, by: 4).map { place in
      octets[place..<place + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    guard words[3] <= UInt32(Self.longestPayload) else { return nil }
    self.init(
      kind: xsd_sockmsg_type(words[0]), number: words[1], transaction: words[2],
      length: Int(words[3]))
  }
}

/// A change that xenstored has told.
struct StoreChange {
  let path: String
  /// What the watch is called by that saw it.
  let token: String
}

extension StoreChange {
  /// Reads what follows a header; `nil` where it is not two strings.
  init?(payload: [UInt8]) {
    let parts = payload.storeStrings
    guard parts.count == 2 else { return nil }
    self.init(path: parts[0], token: parts[1])
  }
}

extension [UInt8] {
  /// Strings that end with a zero each; a last one may lack it.
  var storeStrings: [String] {
    var parts = split(separator: 0, omittingEmptySubsequences: false)
    if parts.last?.isEmpty == true { parts.removeLast() }
    return parts.map { String(decoding: $0, as: UTF8.self) }
  }
}

extension StoreError {
  /// The error numbers that xenstored knows, by their names; a name that is none counts as EINVAL.
  private static let numbers: [String: Int32] = [
    "EINVAL": EINVAL, "EACCES": EACCES, "EEXIST": EEXIST, "EISDIR": EISDIR, "ENOENT": ENOENT,
    "ENOMEM": ENOMEM, "ENOSPC": ENOSPC, "EIO": EIO, "ENOTEMPTY": ENOTEMPTY, "ENOSYS": ENOSYS,
    "EROFS": EROFS, "EBUSY": EBUSY, "EAGAIN": EAGAIN, "EISCONN": EISCONN, "E2BIG": E2BIG,
    "EPERM": EPERM,
  ]

  /// What xenstored means by the name of an error.
  init(name: String) {
    self =
      switch Self.numbers[name] ?? EINVAL {
      case ENOENT: .notFound
      case EACCES, EPERM: .permissionDenied
      case EAGAIN: .conflict
      case let number: .system(number)
      }
  }
}
