public import XenInterface

/// A recorder of one vif, as a fleet drives it.
public protocol FleetRecorder: AnyObject {
  /// Where its events go.
  var recording: Recording { get }
  /// Takes what was seen since the last call; says whether the recording goes on.
  func step(now: MonotonicInstant) throws -> Bool
  /// Takes the rest, and ends.
  func finish() throws -> RecorderReport
}

extension KernelRecorder: FleetRecorder {}

/// A vif of a host.
public struct FleetVif: Hashable, Sendable {
  /// The guest.
  public var domain: DomainID
  /// The device number.
  public var handle: VifHandle

  /// Names a vif.
  public init(domain: DomainID, handle: VifHandle) {
    self.domain = domain
    self.handle = handle
  }

  fileprivate var order: (UInt16, UInt32) { (domain.rawValue, handle.rawValue) }
}

/// What became of a vif of a fleet.
public enum FleetNews {
  /// It is recorded from now on.
  case began
  /// It is gone.
  case ended(RecorderReport)
  /// It cannot be recorded, or not any more; it is tried again.
  case failed(any Error)
}

/// Records vifs as they come and go. What goes wrong with one of them does not end the others.
public final class VifFleet {
  private struct Failure {
    var pause: UInt64
    var next: MonotonicInstant
  }

  /// Between two looks at which vifs there are, in nanoseconds.
  private static let lookPause: UInt64 = 1_000_000_000
  /// Between two attempts at a vif that cannot be recorded, in nanoseconds; twice as long each time.
  private static let pauses: ClosedRange<UInt64> = 10_000_000_000...600_000_000_000

  private let census: () -> [FleetVif]
  private let make: (FleetVif) throws -> any FleetRecorder
  private let tell: (FleetVif, FleetNews) -> Void
  private var members: [FleetVif: any FleetRecorder] = [:]
  private var failures: [FleetVif: Failure] = [:]
  private var nextLook: MonotonicInstant?
  /// Packets, events and losses of those that have ended.
  private var ended = RecordingProgress()

  /// Makes a fleet of none.
  ///
  /// - Parameters:
  ///   - census: the vifs that are to be recorded now.
  ///   - make: begins to record one.
  ///   - tell: told what becomes of each.
  public init(
    census: @escaping () -> [FleetVif], make: @escaping (FleetVif) throws -> any FleetRecorder,
    tell: @escaping (FleetVif, FleetNews) -> Void
  ) {
    self.census = census
    self.make = make
    self.tell = tell
  }

  /// The vifs that are recorded now.
  public var vifs: [FleetVif] {
    members.keys.sorted { $0.order < $1.order }
  }

  /// What all of them have come to, those that have ended among them.
  public var progress: RecordingProgress {
    members.values.reduce(into: ended) { $0.add($1.recording.progress) }
  }

  /// The recording of a vif.
  public func recording(of vif: FleetVif) -> Recording? { members[vif]?.recording }

  /// Takes what was seen since the last call, which is to come every few milliseconds.
  public func step(now: MonotonicInstant) {
    if nextLook.map({ $0 <= now }) ?? true {
      nextLook = now.advanced(by: Self.lookPause)
      look(now)
    }
    for (vif, member) in members {
      do {
        guard try !member.step(now: now) else { continue }
        if case .failure(let error) = member.recording.stopReason { throw error }
        end(vif)
      } catch { fail(vif, error, now) }
    }
  }

  /// Ends all recordings.
  public func finish() { for vif in vifs { end(vif) } }

  private func look(_ now: MonotonicInstant) {
    let found = census()
    let wanted = Set(found)
    for vif in vifs where !wanted.contains(vif) { end(vif) }
    failures = failures.filter { wanted.contains($0.key) }
    for vif in found where members[vif] == nil { begin(vif, now) }
  }

  private func begin(_ vif: FleetVif, _ now: MonotonicInstant) {
    if let failure = failures[vif], now < failure.next { return }
    do {
      members[vif] = try make(vif)
      failures[vif] = nil
      tell(vif, .began)
    } catch { fail(vif, error, now) }
  }

  private func end(_ vif: FleetVif) {
    guard let member = members.removeValue(forKey: vif) else { return }
    do {
      let report = try member.finish()
      ended.add(report.totals)
      tell(vif, .ended(report))
    } catch { tell(vif, .failed(error)) }
  }

  private func fail(_ vif: FleetVif, _ error: any Error, _ now: MonotonicInstant) {
    if let member = members.removeValue(forKey: vif) {
      // What it has is written, if that can be done.
      _ = try? member.finish()
      ended.add(member.recording.progress)
    }
    let last = failures[vif]?.pause
    let pause = min(last.map { 2 * $0 } ?? Self.pauses.lowerBound, Self.pauses.upperBound)
    failures[vif] = Failure(pause: pause, next: now.advanced(by: pause))
    tell(vif, .failed(error))
  }
}

extension RecordingProgress {
  /// Adds another recording's; the time is the longer one.
  fileprivate mutating func add(_ other: RecordingProgress) {
    events += other.events
    fromGuest += other.fromGuest
    toGuest += other.toGuest
    octets += other.octets
    lost += other.lost
    nanoseconds = max(nanoseconds, other.nanoseconds)
  }
}
