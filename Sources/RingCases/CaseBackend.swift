public import Netfront

/// The backend that cases are put to, as far as the frontend's side cannot see it.
public protocol CaseBackend: AnyObject {
  /// The toolstack has written the directories of a vif.
  func added(_ path: VifPath) throws(CaseError)
  /// The frontend of the vif has connected; frames are to be caught from now on.
  func connected(_ path: VifPath) throws(CaseError)
  /// The toolstack has removed the vif.
  func removed(_ path: VifPath)
  /// Whether the vif was disabled.
  func isDisabled(_ path: VifPath) -> Bool
  /// The frames delivered since the last call, once all of them have come.
  func takeFrames(of path: VifPath) throws(CaseError) -> [FrameDigest]
}

/// Why a case could not be played.
public enum CaseError: Error, Hashable, Sendable {
  /// The frontend could not do what it was asked.
  case frontend(NetfrontError)
  /// The backend's interface could not be watched.
  case capture(String)
  /// The backend neither answered nor cut the guest off in time.
  case noRest(answered: UInt32, published: UInt32)
}
