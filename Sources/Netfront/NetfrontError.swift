public import XenInterface

/// Why a frontend could not do what it was asked.
public enum NetfrontError: Error, Hashable, Sendable {
  /// The other end was in `seen` when it should have been in `wanted`: the deadline passed, or
  /// `seen` leads nowhere.
  case wrongState(seen: XenbusState, wanted: XenbusState)
  /// The backend does not offer a feature that is needed.
  case missingFeature(String)
  /// More queues than the backend offers, or none.
  case badQueueCount(wanted: Int, offered: Int)
  /// Pages could not be granted.
  case grant(GrantError)
  /// A port could not be opened.
  case eventChannel(EventChannelError)
  /// The store refused.
  case store(StoreError)
}

/// Why a packet was not put into the ring. Nothing was written.
public enum SendError: Error, Hashable, Sendable {
  /// The frame has no octets, or more than the size field of its first slot can say.
  case badLength(Int)
  /// More data slots than every backend must take.
  case tooManySlots(Int)
  /// Not enough free slots or pages; answers must be collected first.
  case full
}

/// What a backend wrote that no honest one does. A Linux frontend gives the device up for it.
public enum BackendFault: Error, Hashable, Sendable {
  /// More answers than requests stand unanswered.
  case tooManyResponses(claimed: UInt32, outstanding: UInt32)
  /// An answer to no request.
  case unknownIdentifier(UInt16)
}
