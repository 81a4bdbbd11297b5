public import Netif

/// Why a guest drops a packet that the backend delivered. The interface lives on.
public enum RxFault: Error, Hashable, Sendable {
  /// An extra info was announced and is not there.
  case missingExtra
  /// An extra info of type 0 or of an unknown type.
  case invalidExtraType(UInt8)
  /// Another slot was announced and is not there.
  case missingSlot
  /// The backend says that it failed.
  case status(NetifStatus)
  /// More octets than lie between the offset and the end of the page.
  case pageCrossing(offset: UInt16, count: Int)
  /// More slots than a packet may have.
  case tooManySlots(Int)
  /// An answer in the place of another request.
  case wrongIdentifier(expected: UInt16, found: UInt16)
  /// An extra info with segment size 0.
  case zeroSegmentSize
  /// An extra info with an unknown segmentation type.
  case invalidSegmentationType(UInt8)
}

/// A packet that the guest received.
public struct ReceivedFrame: Hashable, Sendable {
  /// Its octets.
  public var octets: [UInt8]
  /// What travels beside them.
  public var offload: FrameOffload
  /// Extra infos in ring order.
  public var extras: [ExtraInfo]
  /// Its data slots in ring order.
  public var slots: [RxResponse]
}
