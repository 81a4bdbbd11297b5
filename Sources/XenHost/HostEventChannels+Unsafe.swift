internal import CXen
internal import Glibc
internal import XenInterface

/// `/dev/xen/evtchn` through libxenevtchn.
@safe final class HostEventChannels: EventChannels {
  static let path = "/dev/xen/evtchn"

  // SAFETY: opened in `init`, closed in `deinit`, which closes every port too.
  private let handle: OpaquePointer

  init() throws(HostError) {
    guard let handle = unsafe xenevtchn_open(xen_quiet_logger(), 0) else {
      throw .unavailable(device: Self.path, code: errno)
    }
    unsafe self.handle = handle
    // A worker asks without knowing whether there is an event: the answer must come at once.
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
  }

  deinit { _ = unsafe xenevtchn_close(handle) }

  /// Readable while an event is pending.
  var descriptor: Int32 { unsafe xenevtchn_fd(handle) }

  func allocate(for domain: DomainID) throws(EventChannelError) -> EventChannelPort {
    try port(unsafe xenevtchn_bind_unbound_port(handle, UInt32(domain.rawValue)))
  }

  func bind(
    to remote: EventChannelPort, of domain: DomainID
  ) throws(EventChannelError) -> EventChannelPort {
    try port(
      unsafe xenevtchn_bind_interdomain(handle, UInt32(domain.rawValue), remote.rawValue))
  }

  func notify(_ port: EventChannelPort) { _ = unsafe xenevtchn_notify(handle, port.rawValue) }

  func takeMasked() -> EventChannelPort? {
    let port = unsafe xenevtchn_pending(handle)
    return port >= 0 ? EventChannelPort(rawValue: UInt32(port)) : nil
  }

  func unmask(_ port: EventChannelPort) { _ = unsafe xenevtchn_unmask(handle, port.rawValue) }

  func close(_ port: EventChannelPort) { _ = unsafe xenevtchn_unbind(handle, port.rawValue) }

  private func port(_ answer: Int32) throws(EventChannelError) -> EventChannelPort {
    let code = errno
    if answer >= 0 { return EventChannelPort(rawValue: UInt32(answer)) }
    throw [EINVAL, ENOENT, ESRCH, EACCES].contains(code) ? .notBindable : .system(code)
  }
}
