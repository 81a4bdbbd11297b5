internal import CXen
internal import Glibc
internal import XenInterface

@testable import XenHost

/// The other end of a store's connection. What it says lies in the socket before it is asked.
final class FakeStoreDaemon {
  private let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Both ends.
  static func connected() throws -> (FakeStoreDaemon, HostStore) {
    var ends: [Int32] = [0, 0]
    // SAFETY: the call writes two descriptors.
    let code = unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
    precondition(code == 0)
    return (FakeStoreDaemon(ends[0]), HostStore(StoreConnection(ends[1], isSocket: true)))
  }

  /// Answers the request of that number.
  func answer(_ kind: xsd_sockmsg_type, _ payload: String, number: UInt32 = 1) throws {
    let octets = Array(payload.utf8)
    try send(StoreHeader(kind: kind, number: number, length: octets.count).octets + octets)
  }

  /// Tells a change.
  func tell(_ path: String, token: String) throws {
    try answer(XS_WATCH_EVENT, path + "\0" + token + "\0", number: 0)
  }

  func send(_ octets: [UInt8]) throws {
    // SAFETY: the octets live through the call.
    let sent = unsafe octets.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    precondition(sent == octets.count)
  }

  /// What it was asked so far.
  func requests() throws -> [(kind: UInt32, payload: [UInt8])] {
    var octets = [UInt8](repeating: 0, count: 1 << 16)
    // SAFETY: the room is as long as the call is told.
    let count = unsafe octets.withUnsafeMutableBytes {
      unsafe recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
    }
    var rest = octets[..<max(0, count)]
    var requests: [(kind: UInt32, payload: [UInt8])] = []
    while let header = StoreHeader(octets: Array(rest.prefix(StoreHeader.count))) {
      rest = rest.dropFirst(StoreHeader.count)
      requests.append((header.kind.rawValue, Array(rest.prefix(header.length))))
      rest = rest.dropFirst(header.length)
    }
    return requests
  }
}
