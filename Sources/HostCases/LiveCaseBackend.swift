public import Netfront
public import RingCases
import XenHost
public import XenInterface

/// Whoever serves the vifs of a domain, as far as this host shows it: frames and the end are seen where
/// the vif has an interface here, as Linux's netback and `ringside serve` give it one.
public final class LiveCaseBackend: CaseBackend {
  /// `nil` without the right to listen.
  private let interface = try? KernelCaseBackend()
  /// Whether the vif has an interface here.
  public private(set) var seesFrames = false

  /// See `CaseBackend`.
  public func added(_ path: VifPath) {}

  /// See `CaseBackend`.
  public func connected(_ path: VifPath) {
    seesFrames = (try? interface?.connected(path)) != nil
  }

  /// See `CaseBackend`.
  public func removed(_ path: VifPath) { seesFrames = false }

  /// See `CaseBackend`.
  public func isDisabled(_ path: VifPath) -> Bool {
    seesFrames && interface?.isDisabled(path) == true
  }

  /// See `CaseBackend`.
  public func takeFrames(of path: VifPath) throws(CaseError) -> [FrameDigest] {
    guard seesFrames, let interface else { return [] }
    return try interface.takeFrames(of: path)
  }

  /// See `CaseBackend`.
  public func send(_ frames: [CaseFrame], to path: VifPath) throws(CaseError) {
    if seesFrames { try interface?.send(frames, to: path) }
  }
}

extension CaseVif {
  /// A vif that is made for this domain, and that whoever serves its vifs is to take.
  ///
  /// - Parameters:
  ///   - domain: where the backend is; this domain when it is left out.
  ///   - patience: nanoseconds that it may take for an answer.
  /// - Throws: `HostCaseError`, without a Xen or the right to what it takes.
  public static func live(
    servedBy domain: DomainID? = nil, patience: UInt64
  ) throws(HostCaseError) -> CaseVif {
    let loop = HostLoop()
    let guest = try HostCaseBackend.connect(loop)
    let toolstack = try HostCaseBackend.connect(loop)
    return CaseVif(
      guest: guest, toolstack: toolstack, loop: loop, backend: LiveCaseBackend(), in: domain,
      patience: Patience(rest: patience, grace: 8_000_000, interval: 300_000))
  }
}
