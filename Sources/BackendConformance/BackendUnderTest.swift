public import Netfront

/// What both ends of a world hold of Xen, to see that closing gives everything back.
public struct Holdings: Hashable, Sendable {
  /// Pages that are granted.
  public var grantedPages: Int
  /// Pages of others that are mapped.
  public var mappedPages: Int
  /// Event channels that are open.
  public var openPorts: Int
  /// Octets of memory that this process has; 0 where it does other things beside.
  public var memory: Int

  /// Takes a count.
  public init(grantedPages: Int, mappedPages: Int, openPorts: Int, memory: Int = 0) {
    self.memory = memory
    self.grantedPages = grantedPages
    self.mappedPages = mappedPages
    self.openPorts = openPorts
  }
}

/// A backend that the rows are put to.
public protocol BackendUnderTest: AnyObject {
  /// What is held in this backend's world now.
  var holdings: Holdings { get throws }
  /// Whether guests are to have their pages kept mapped, so that all rows are about that.
  var wantsStagedPages: Bool { get }
  /// Serves a vif whose directories were just made.
  func serve(_ path: VifPath) throws -> any ServedVif
  /// Serves nobody any more.
  func end()
}

extension BackendUnderTest {
  /// See `BackendUnderTest`.
  public var wantsStagedPages: Bool { false }
}

/// A backend's end of a vif: where the guest's frames come out, and frames for it go in.
public protocol ServedVif: AnyObject {
  /// Whether frames for the guest are taken.
  var hasCarrier: Bool { get }
  /// Called each time the frontend has connected, before frames are expected.
  func bringUp() throws
  /// Gives the backend a frame for the guest.
  func send(_ octets: RawSpan) throws
  /// The next frame that came from the guest; `nil` when none is waiting.
  func takeFrame() throws -> [UInt8]?
  /// Forgets the vif, whose directories are gone.
  func retire()
}
