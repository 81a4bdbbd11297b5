internal import Netif
internal import Synchronization
internal import XenRing

/// What is read for every poll and every frame, and changed now and then: by the store, by control
/// messages, by a guest that asks for a multicast address.
struct VifSettings: Sendable {
  var configuration: VifConfiguration
  var hash = HashState()
  var multicast = MulticastFilter()
}

/// Where those who serve a vif tell each other things. Any thread may use it, and none waits on the
/// way of packets: readers keep a copy of the settings and look whether there are newer ones; only a
/// change, and the first look behind it, takes the lock.
final class VifBoard: Sendable {
  private let settings: Mutex<VifSettings>
  private let version = Atomic<UInt32>(1)
  private let fatal = Mutex<TxViolation?>(nil)
  private let disabled = Atomic<Bool>(false)
  private let stalled = Atomic<Int>(0)
  private let locks = Atomic<UInt64>(0)

  init(_ settings: VifSettings) { self.settings = Mutex(settings) }

  /// How often a lock was taken here.
  var lockCount: UInt64 { locks.load(ordering: .relaxed) }

  /// Changes the settings for all.
  func change<Result>(_ body: (inout VifSettings) -> sending Result) -> sending Result {
    locks.add(1, ordering: .relaxed)
    return settings.withLock { settings in
      defer { version.add(1, ordering: .releasing) }
      return body(&settings)
    }
  }

  fileprivate func isNewer(than seen: UInt32) -> Bool {
    version.load(ordering: .acquiring) != seen
  }

  /// Looks at the settings and their version.
  fileprivate func read<Result>(
    _ body: (VifSettings, UInt32) -> sending Result
  ) -> sending Result {
    locks.add(1, ordering: .relaxed)
    return settings.withLock { body($0, version.load(ordering: .relaxed)) }
  }
}

extension VifBoard {
  /// Changes what is told to all, and forgets that somebody was cut off or stalled.
  func restart(_ body: (inout VifSettings) -> sending Void) {
    change(body)
    fatal.withLock { fatal in
      fatal = nil
      disabled.store(false, ordering: .relaxed)
    }
    forgetStalled()
  }
}

// MARK: - Cut off and stalled

extension VifBoard {
  /// Whether the guest was cut off.
  var isDisabled: Bool { disabled.load(ordering: .relaxed) }

  /// Why the guest was cut off; nil while it was not.
  var violation: TxViolation? { fatal.withLock { $0 } }

  /// Cuts the guest off.
  ///
  /// - Returns: whether this is the first reason.
  func disable(_ violation: TxViolation?) -> Bool {
    locks.add(1, ordering: .relaxed)
    return fatal.withLock { fatal in
      guard !disabled.exchange(true, ordering: .relaxed) else { return false }
      fatal = violation
      return true
    }
  }

  /// Queues whose guest offers no pages.
  var stalledQueues: Int { stalled.load(ordering: .relaxed) }

  func countStalled(_ change: Int) { stalled.add(change, ordering: .relaxed) }

  func forgetStalled() { stalled.store(0, ordering: .relaxed) }
}

/// One reader's copy of the settings. An object of plain parts: whether there are newer ones is asked
/// for each frame, and a look at a part that nothing is called upon costs no check of exclusive access.
final class VifSettingsCopy {
  private(set) var configuration: VifConfiguration
  private(set) var hash: HashState
  private(set) var multicast: MulticastFilter
  private var version: UInt32
  private let board: VifBoard

  init(of board: VifBoard) {
    self.board = board
    let (settings, version) = board.read { ($0, $1) }
    configuration = settings.configuration
    hash = settings.hash
    multicast = settings.multicast
    self.version = version
  }

  /// Takes the newest settings.
  @inline(__always)
  func refresh() { if board.isNewer(than: version) { takeNewest() } }

  /// Keeps its own room for them: a change takes no memory.
  @inline(never)
  private func takeNewest() {
    board.read { settings, newest in
      configuration = settings.configuration
      hash.take(settings.hash)
      multicast.take(settings.multicast)
      version = newest
    }
  }

  /// What travels beside a frame for the guest, with the hash that the guest asks for; nil when it does
  /// not want the frame.
  func admit(_ octets: RawSpan, _ offload: FrameOffload) -> FrameOffload? {
    guard wants(octets) else { return nil }
    var offload = offload
    if hash.algorithm != .none { offload.hash = hash.hash(of: octets) }
    return offload
  }

  private func wants(_ octets: RawSpan) -> Bool {
    guard configuration.features.contains(.multicastControl) else { return true }
    guard octets.byteCount >= 6 else { return false }
    var bits: UInt64 = 0
    for place in 0..<6 { bits = bits << 8 | UInt64(octets.octet(at: place)) }
    let isBroadcast = bits == 0xffff_ffff_ffff
    let isGroup = bits >> 40 & 1 != 0
    return !isGroup || isBroadcast || multicast.contains(MACAddress(bits: bits))
  }
}
