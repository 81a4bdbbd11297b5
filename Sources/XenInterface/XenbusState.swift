/// Where one end of a split driver stands (C type `enum xenbus_state`).
public enum XenbusState: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// No state known; also what a vanished key reads as.
  case unknown = 0
  /// The toolstack has made the directory.
  case initialising = 1
  /// The backend has written its features and waits.
  case initWait = 2
  /// Rings are there, the last step is missing.
  case initialised = 3
  /// In use.
  case connected = 4
  /// Going away.
  case closing = 5
  /// Gone; it may come back.
  case closed = 6
  /// A key is about to change.
  case reconfiguring = 7
  /// The change has been taken up.
  case reconfigured = 8
}
