internal import CXen
internal import Glibc
internal import XenInterface

/// What stands ahead of each message to and from xenstored (`xs_wire.h`).
struct StoreHeader: Equatable {
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

  static func == (one: Self, other: Self) -> Bool { one.octets == other.octets }

  var octets: [UInt8] {
    [kind.rawValue, number, transaction, UInt32(clamping: length)].flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
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
struct StoreChange: Equatable {
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
    self.init(number: Self.numbers[name] ?? EINVAL)
  }

  /// What an error number means.
  init(number: Int32) {
    self =
      switch number {
      case ENOENT: .notFound
      case EACCES, EPERM: .permissionDenied
      case EAGAIN: .conflict
      default: .system(number)
      }
  }
}
