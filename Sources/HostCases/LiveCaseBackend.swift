public import Netfront
public import RingCases

/// Whoever serves the vifs of a domain, as far as this host shows it: frames and the end are seen where
/// the vif has an interface here, as Linux's netback and `ringside serve` give it one.
public final class LiveCaseBackend: CaseBackend {
  /// `nil` without the right to listen.
  private let interface = try? KernelCaseBackend()
  /// Whether the vif has an interface here.
  public private(set) var seesFrames = false
  /// Whether it answers no more.
  private var isSilent = false

  /// See `CaseBackend`.
  public func added(_ path: VifPath) {}

  /// See `CaseBackend`.
  public func connected(_ path: VifPath) {
    isSilent = false
    seesFrames = (try? interface?.connected(path)) != nil
  }

  /// See `CaseBackend`.
  public func removed(_ path: VifPath) { seesFrames = false }

  /// See `CaseBackend`.
  public func isDisabled(_ path: VifPath) -> Bool {
    isSilent || seesFrames && interface?.isDisabled(path) == true
  }

  /// See `CaseBackend`. It is.
  public func isSilentEnd(_ path: VifPath) -> Bool {
    isSilent = true
    return true
  }

  /// See `CaseBackend`.
  public func takeFrames(of path: VifPath) throws(CaseError) -> [FrameDigest] {
    guard seesFrames, let interface else { return [] }
    return try interface.takeFrames(of: path)
  }

  /// See `CaseBackend`.
  public func send(_ frames: [NetworkFrame], to path: VifPath) throws(CaseError) {
    if seesFrames { try interface?.send(frames, to: path) }
  }
}
