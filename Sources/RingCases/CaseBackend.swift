public import Netfront
public import Netif

/// The backend that cases are put to, as far as the frontend's side cannot see it.
public protocol CaseBackend: AnyObject {
  /// Whether its network side is reached, once a frontend has connected: its frames are seen, and it can be given
  /// some.
  var seesFrames: Bool { get }
  /// The toolstack has written the directories of a vif.
  func added(_ path: VifPath) throws(CaseError)
  /// The frontend of the vif has connected; frames are to be caught from now on.
  func connected(_ path: VifPath) throws(CaseError)
  /// Keeps pages of the guest's mapped for the queues of the connection, where data comes so.
  func stage(_ pages: [StagedGrant], of path: VifPath) throws(CaseError)
  /// The toolstack has removed the vif.
  func removed(_ path: VifPath)
  /// Whether the vif was disabled.
  func isDisabled(_ path: VifPath) -> Bool
  /// Whether a backend that answers no more is to be taken for one that has cut the guest off: for one that says
  /// nothing when it does. `isDisabled` says so from then on.
  func isSilentEnd(_ path: VifPath) -> Bool
  /// The frames delivered since the last call, once all of them have come.
  func takeFrames(of path: VifPath) throws(CaseError) -> [FrameDigest]
  /// Gives the backend frames for the guest, in order; those that its queue has no room for are lost.
  func send(_ frames: [NetworkFrame], to path: VifPath) throws(CaseError)
}

extension CaseBackend {
  /// See `CaseBackend`. They are.
  public var seesFrames: Bool { true }

  /// See `CaseBackend`. It is not.
  public func isSilentEnd(_ path: VifPath) -> Bool { false }

  /// See `CaseBackend`. Does nothing.
  public func stage(_ pages: [StagedGrant], of path: VifPath) {}
}

/// Why a case could not be played.
public enum CaseError: Error, Hashable, Sendable {
  /// The frontend could not do what it was asked.
  case frontend(NetfrontError)
  /// The backend's interface could not be watched.
  case capture(String)
  /// A control message of this type, without which the case cannot begin, was refused.
  case refused(type: UInt16)
  /// The backend's directory would have to hold something else, and it is others'.
  case needsOwnVif
  /// The backend neither answered nor cut the guest off in time.
  case noRest(answered: UInt32, published: UInt32)
}
