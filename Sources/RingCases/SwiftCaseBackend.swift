public import Netback
public import Netfront
public import Netif
public import XenInterface
import XenRing

/// Our netback as the backend that cases are put to. It releases every frame at once, as Linux does
/// when nobody keeps it, and answers in `AnswerOrder.completion`.
public final class SwiftCaseBackend: CaseBackend, FrameSink {
  private let xen: DomainInterface
  private let loop: any WorldLoop
  private let worker: NetbackWorker
  private let dataPath: DataPath
  private let profile: RuleProfile
  /// What a test takes away of its rules.
  package var change: (inout VifConfiguration) -> Void = { _ in }
  private var device: VifDevice?
  private var frames: [FrameDigest] = []
  private var gathered: [UInt8] = []

  /// Serves the vifs of `xen`'s domain on `loop`. The interface must be its alone.
  public init(
    xen: DomainInterface, loop: any WorldLoop, path: DataPath = .copy, profile: RuleProfile = .linux
  ) {
    self.xen = xen
    self.profile = profile
    dataPath = path
    self.loop = loop
    worker = NetbackWorker(xen: xen)
    loop.add(worker)
  }

  /// See `CaseBackend`.
  public func added(_ path: VifPath) throws(CaseError) {
    var configuration = VifConfiguration(
      domain: path.frontendDomain, handle: path.handle, profile: profile, order: .completion,
      path: dataPath)
    change(&configuration)
    do throws(VifError) {
      let device = try VifDevice(configuration: configuration, xen: xen, sink: self)
      worker.add(device)
      self.device = device
    } catch { throw .capture("\(error)") }
  }

  /// See `CaseBackend`.
  public func connected(_ path: VifPath) { frames.removeAll(keepingCapacity: true) }

  /// See `CaseBackend`.
  public func stage(_ pages: [StagedGrant], of path: VifPath) throws(CaseError) {
    for queue in device?.vif.queues ?? [] {
      do throws(StagingError) { try queue.staging?.add(pages) } catch {
        throw .capture("\(error)")
      }
    }
  }

  /// See `CaseBackend`.
  public func removed(_ path: VifPath) {
    if let device { worker.remove(device) }
    device = nil
  }

  /// See `CaseBackend`.
  public func isDisabled(_ path: VifPath) -> Bool { device?.vif.context.isDisabled ?? false }

  /// See `CaseBackend`.
  public func takeFrames(of path: VifPath) -> [FrameDigest] {
    defer { frames.removeAll(keepingCapacity: true) }
    return frames
  }

  /// See `CaseBackend`.
  public func send(_ frames: [NetworkFrame], to path: VifPath) {
    for frame in frames {
      _ = device?.send(
        frame.octets.span.octets, offload: frame.offload, queue: 0, now: loop.now)
    }
    loop.wake(worker)
  }

  /// See `FrameSink`.
  public func deliver(_ batch: FrameBatch, queue: UInt16) {
    for place in batch.frames.indices {
      let frame = batch.frames[place]
      let digest = batch.withOctets(of: frame, gatheredIn: &gathered) { FrameDigest($0) }
      if let digest { frames.append(digest) }
      guard let device else { continue }
      _ = device.vif.queues[Int(queue)].tx.release(frame: frame.head, now: loop.now)
    }
  }
}
