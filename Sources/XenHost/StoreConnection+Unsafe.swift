internal import CLinux
internal import CXen
internal import Glibc
internal import XenInterface

/// A connection to xenstored: its socket where it runs in this domain, the kernel's device elsewhere.
///
/// libxenstore does the same. Its archive, which a program that needs nothing but glibc would have in it,
/// was built without the thread that reads: it takes a change that is told ahead of a reply for the reply.
final class StoreConnection {
  /// The file that tells of itself when there is something to read.
  let descriptor: Int32
  /// What was told, and not taken.
  var changes: [StoreChange] = []
  private let isSocket: Bool
  private var isBroken = false
  private var number: UInt32 = 0

  /// Connects as libxenstore does: by `XENSTORED_PATH`, `XENSTORED_RUNDIR` or the usual places.
  convenience init() throws(HostError) {
    let said = Self.environment("XENSTORED_PATH")
    let folder = Self.environment("XENSTORED_RUNDIR") ?? "/run/xenstored"
    if let socket = Self.socket(said ?? folder + "/socket") {
      self.init(socket, isSocket: true)
      return
    }
    let device = unsafe open(said ?? "/dev/xen/xenbus", O_RDWR | O_CLOEXEC)
    guard device >= 0 else { throw .unavailable(device: "xenstored", code: errno) }
    self.init(device, isSocket: false)
  }

  /// Takes a descriptor over, which is closed with it.
  init(_ descriptor: Int32, isSocket: Bool) {
    self.descriptor = descriptor
    self.isSocket = isSocket
  }

  deinit { close(descriptor) }

  private static func environment(_ name: String) -> String? {
    // SAFETY: nothing here changes the environment.
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  private static func socket(_ path: String) -> Int32? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    // SAFETY: the path and the zero behind it fit, by the line above; the call reads the structure.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
      unsafe room.copyBytes(from: path.utf8)
    }
    let made = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard made >= 0 else { return nil }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let code = unsafe withUnsafePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(made, $0, length)
      }
    }
    if code == 0 { return made }
    close(made)
    return nil
  }
}

// MARK: - Requests

extension StoreConnection {
  /// Asks xenstored, and waits for its answer; what it tells meanwhile is kept.
  func ask(
    _ kind: xsd_sockmsg_type, _ payload: [UInt8], in transaction: UInt32 = 0
  ) throws(StoreError) -> [UInt8] {
    guard payload.count <= StoreHeader.longestPayload else { throw .system(E2BIG) }
    number &+= 1
    let header = StoreHeader(
      kind: kind, number: number, transaction: transaction, length: payload.count)
    try send(header.octets + payload)
    while true {
      let (header, payload) = try receive()
      guard header.kind != XS_WATCH_EVENT else {
        keep(payload)
        continue
      }
      guard header.number == number else { continue }
      if header.kind == XS_ERROR { throw StoreError(name: payload.storeStrings.first ?? "") }
      return payload
    }
  }

  /// Takes in what was told, unless there is something already. It does not wait.
  func lookForChanges() {
    while changes.isEmpty, !isBroken, isReadable {
      guard let (header, payload) = try? receive() else { return }
      if header.kind == XS_WATCH_EVENT { keep(payload) }
    }
  }

  private func keep(_ payload: [UInt8]) {
    if let change = StoreChange(payload: payload) { changes.append(change) }
  }
}

// MARK: - Octets

extension StoreConnection {
  private var isReadable: Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // SAFETY: the call reads and writes one structure.
    return unsafe linux_poll(&request, 1, 0) > 0
  }

  private func receive() throws(StoreError) -> (StoreHeader, [UInt8]) {
    guard let header = StoreHeader(octets: try read(StoreHeader.count)) else { throw broken(EIO) }
    return (header, try read(header.length))
  }

  private func read(_ count: Int) throws(StoreError) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      // SAFETY: the room behind what is filled is as long as the call is told.
      let step = unsafe octets.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress.map { unsafe $0 + filled }, count - filled)
      }
      if step < 0, errno == EINTR { continue }
      guard step > 0 else { throw broken(step == 0 ? EPIPE : errno) }
      filled += step
    }
    return octets
  }

  private func send(_ octets: [UInt8]) throws(StoreError) {
    guard !isBroken else { throw .system(EPIPE) }
    var sent = 0
    while sent < octets.count {
      // SAFETY: what is left to be sent is as long as the call is told.
      let step = unsafe octets.withUnsafeBytes { octets in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: octets[sent...])
        return isSocket
          ? unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
          : unsafe write(descriptor, rest.baseAddress, rest.count)
      }
      if step < 0, errno == EINTR { continue }
      guard step > 0 else { throw broken(errno) }
      sent += step
    }
  }

  /// A connection that is gone tells nothing any more: whoever waits for it would be woken for ever.
  private func broken(_ code: Int32) -> StoreError {
    isBroken = true
    let silent = linux_bell_open()
    if silent >= 0 {
      dup2(silent, descriptor)
      close(silent)
    }
    return .system(code)
  }
}
