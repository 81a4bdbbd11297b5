public import XenRing

/// How a frontend connects. What it leaves at default is what a Linux guest does.
public struct NetfrontOptions: Hashable, Sendable {
  /// Queues to use.
  public var queues: Int
  /// Whether TX and RX get a port each, where the backend offers it.
  public var splitEventChannels: Bool
  /// Whether to set up a control ring, where the backend offers it.
  public var controlRing: Bool
  /// Whether to leave the first octets of packets in a header area, where the backend offers it.
  public var headerArea: Bool
  /// Whether to let the backend keep pages mapped, where it offers to.
  public var persistentGrants: Bool
  /// Pages to send from, per queue.
  public var txPages: Int
  /// Pages to receive into, per queue; a Linux backend waits for 19 or more on long frames.
  public var rxPages: Int
  /// Index at which the TX rings start.
  public var txStart: RingIndex
  /// Index at which the RX rings start.
  public var rxStart: RingIndex
  /// Index at which the control ring starts.
  public var controlStart: RingIndex
  /// Slots that the TX rings claim to hold from the start, though nothing was put there.
  public var txAhead: UInt32
  /// The same of the RX rings.
  public var rxAhead: UInt32
  /// Whether more queues than offered, or none, are refused here rather than by the backend.
  public var respectsOffer: Bool
  /// Keys to write beside the usual ones, or over them; names are relative to the directory.
  public var extraKeys: [String: String]
  /// Keys not to write; what a connection before has written stays.
  public var omittedKeys: Set<String>

  /// Describes a way to connect.
  public init(
    queues: Int = 1, splitEventChannels: Bool = true, controlRing: Bool = false,
    headerArea: Bool = false, persistentGrants: Bool = false, txPages: Int = 64, rxPages: Int = 64,
    txStart: RingIndex = RingIndex(rawValue: 0),
    rxStart: RingIndex = RingIndex(rawValue: 0),
    controlStart: RingIndex = RingIndex(rawValue: 0), txAhead: UInt32 = 0, rxAhead: UInt32 = 0,
    respectsOffer: Bool = true,
    extraKeys: [String: String] = [:], omittedKeys: Set<String> = []
  ) {
    self.queues = queues
    self.splitEventChannels = splitEventChannels
    self.controlRing = controlRing
    self.headerArea = headerArea
    self.persistentGrants = persistentGrants
    self.txPages = txPages
    self.rxPages = rxPages
    self.txStart = txStart
    self.rxStart = rxStart
    self.controlStart = controlStart
    self.txAhead = txAhead
    self.rxAhead = rxAhead
    self.respectsOffer = respectsOffer
    self.extraKeys = extraKeys
    self.omittedKeys = omittedKeys
  }
}
