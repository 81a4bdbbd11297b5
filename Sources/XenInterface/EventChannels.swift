/// Why an event channel operation failed.
public enum EventChannelError: Error, Hashable, Sendable {
  /// The remote port is not there, or is not meant for us.
  case notBindable
  /// The operating system refused it; the payload is its error number.
  case system(Int32)
}

/// Event channels of one domain. Events come in through the loop that drives the world.
public protocol EventChannels: AnyObject {
  /// Opens a port that `domain` may bind to.
  func allocate(for domain: DomainID) throws(EventChannelError) -> EventChannelPort
  /// Binds to a port that `domain` opened for us.
  func bind(to remote: EventChannelPort, of domain: DomainID)
    throws(EventChannelError) -> EventChannelPort
  /// Sends an event to the other end. A port that is gone is no error: its peer has left.
  func notify(_ port: EventChannelPort)
  /// Takes one port that has an event pending; `nil` when none has. It is silent until `unmask`.
  func takeMasked() -> EventChannelPort?
  /// Lets a port that was taken fire again; it does so at once when an event came meanwhile.
  func unmask(_ port: EventChannelPort)
  /// Closes a port of ours.
  func close(_ port: EventChannelPort)
}

extension EventChannels {
  /// Takes one port that has an event pending and lets it fire again; `nil` when none has.
  public func takePending() -> EventChannelPort? {
    let port = takeMasked()
    if let port { unmask(port) }
    return port
  }
}
