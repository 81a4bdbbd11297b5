import CBpf
public import XenInterface

/// Records one vif of the running kernel's xen-netback, from outside.
///
/// It reads kernel memory only, and changes nothing. Dropping it detaches it.
@safe public struct KernelTap: ~Copyable {
  /// Octets of a page or frame that are kept unless asked otherwise: all of them.
  public static var wholeFrame: UInt32 { 65_535 }

  private let tap: OpaquePointer
  /// Why the control ring is not watched; `nil` when it is.
  public let controlFault: KernelTapError?
  private let collector = Collector()

  /// Attaches to a vif of this host.
  ///
  /// Takes a second or two. A vif that does not exist yet is recorded from when it does. Nothing is
  /// recorded before the first round begins. Where the kernel lacks what the control ring's hooks
  /// need, all else is recorded.
  ///
  /// - Parameters:
  ///   - domain: the guest's.
  ///   - handle: the vif's number there.
  ///   - snapLength: how many octets to keep of each page and frame.
  ///   - bufferOctets: room for records between two polls; rounded up to a power of two.
  public init(
    domain: DomainID, handle: VifHandle, snapLength: UInt32 = wholeFrame,
    bufferOctets: UInt32 = 16 << 20
  ) throws(KernelTapError) {
    // The order of the constants in tap.bpf.c.
    let constants = [UInt32(domain.rawValue), handle.rawValue, snapLength]
    let octets = Self.roundedUp(bufferOctets)
    do throws(KernelTapError) {
      // SAFETY: nobody else has the pointer, and `deinit` closes it.
      unsafe tap = try Self.attach(constants, bufferOctets: octets, watchesControl: true)
      controlFault = nil
    } catch {
      guard error.mayConcernControl else { throw error }
      // SAFETY: as above; the first attempt has left nothing.
      unsafe tap = try Self.attach(constants, bufferOctets: octets, watchesControl: false)
      controlFault = error
    }
  }

  /// Begins a new round: every queue is recorded from a snapshot on, a busy one from its next poll,
  /// an idle one from the next look. It takes up after a loss, behind which nothing is kept in the
  /// old round.
  ///
  /// - Returns: the round's number, which stands in its snapshots.
  public func beginRound() -> UInt32 {
    collector.round += 1
    unsafe _ = cbpf_begin_round(tap, collector.round)
    look()
    return collector.round
  }

  /// Looks once more for queues that have no snapshot yet and have been idle since the last look.
  public func look() {
    // Asking for the interfaces' statistics makes the kernel call a hook for each vif, idle ones too.
    unsafe _ = cbpf_read_through("/proc/net/dev")
  }

  private static func attach(
    _ constants: [UInt32], bufferOctets: UInt32, watchesControl: Bool
  ) throws(KernelTapError) -> OpaquePointer {
    let object = TapObject.octets()
    var message = [CChar](repeating: 0, count: Int(CBPF_MESSAGE))
    var opened: OpaquePointer?
    // SAFETY: the array outlives the call, and the message is as long as the callee writes.
    let code = unsafe cbpf_open(object, object.count, &opened, &message)
    guard let tap = unsafe opened, code == Int32(CBPF_OK.rawValue) else {
      throw KernelTapError(code: code, message: message)
    }
    for (index, value) in constants.enumerated() {
      unsafe _ = cbpf_set_constant(tap, index, value)
    }
    if !watchesControl { unsafe cbpf_leave_out(tap, "control_") }
    let started = unsafe cbpf_start(tap, bufferOctets, &message)
    guard started == Int32(CBPF_OK.rawValue) else {
      unsafe cbpf_close(tap)
      throw KernelTapError(code: started, message: message)
    }
    return unsafe tap
  }

  /// A power of two that the ring buffer can have.
  private static func roundedUp(_ octets: UInt32) -> UInt32 {
    let room = max(1 << 16, min(octets, 1 << 30))
    return 1 << (32 - UInt32((room - 1).leadingZeroBitCount))
  }

  deinit { unsafe cbpf_close(tap) }

  /// Hands over what has been recorded since the last time, in order. Answers how many records.
  ///
  /// Call it every few milliseconds: what the buffer cannot hold until then is lost, and stands in
  /// the records as a gap.
  @discardableResult
  public func poll(_ receive: (TapRecord) -> Void) throws(KernelTapError) -> Int {
    // The count of lost records first: what is lost after it has a higher number than what we read.
    let lost = counters()[1]
    let taken = unsafe collector.collect(from: tap, receive)
    collector.sequence.endTurn(lost: lost, receive)
    if collector.failed { throw .undecodable }
    return taken
  }

  /// Hands over the rest: what is missing at the end is a gap too.
  public func finish(_ receive: (TapRecord) -> Void) throws(KernelTapError) {
    unsafe _ = cbpf_begin_round(tap, 0)
    var counters = counters()
    // A program on another processor may have a number and not have handed its record over yet.
    for _ in 0..<Self.mostTurns {
      try poll(receive)
      counters = self.counters()
      if collector.taken + counters[1] >= counters[0] { break }
    }
    collector.sequence.finish(lost: counters[1], numbered: counters[0], receive)
  }

  /// Turns after which a record on its way counts as missing.
  private static var mostTurns: Int { 1000 }

  /// Records that found no room so far, or came behind such a one.
  public var lost: UInt64 { counters()[1] }

  /// What has been recorded and lost so far.
  public func statistics() -> TapStatistics {
    let counters = counters()
    return TapStatistics(
      numbered: counters[0], taken: collector.taken, lost: counters[1],
      lostOctets: counters[2], callsOfUnsupportedQueues: counters[3],
      missedCalls: unsafe cbpf_missed_calls(tap))
  }

  /// Has the kernel measure what the tap's programs cost, which costs a little itself; says whether it does.
  public func measure() -> Bool { unsafe cbpf_measure(tap) == Int32(CBPF_OK.rawValue) }

  /// What the tap's programs have cost since that is measured.
  public func cost() -> TapCost {
    var cost = TapCost()
    // SAFETY: the callee writes two numbers.
    unsafe cbpf_run_time(tap, &cost.calls, &cost.nanoseconds)
    return cost
  }

  private func counters() -> [UInt64] {
    var counters: [UInt64] = [0, 0, 0, 0]
    // SAFETY: the callee writes as many as it is told.
    unsafe _ = cbpf_counters(tap, &counters, counters.count)
    return counters
  }
}

/// What the tap's programs have cost the kernel.
public struct TapCost: Hashable, Sendable {
  /// How often they ran.
  public var calls: UInt64 = 0
  /// For how long, on all processors together.
  public var nanoseconds: UInt64 = 0

  /// Nothing yet.
  public init() {}
}

/// What the tap has counted.
public struct TapStatistics: Hashable, Sendable {
  /// Records that the kernel's side made, each with a number of its own.
  public var numbered: UInt64
  /// Records that were taken out of the buffer.
  public var taken: UInt64
  /// Records that found no room, or came behind such a one, by the kernel's side's count; each
  /// stands in a gap, whose size comes from the numbers.
  public var lost: UInt64
  /// Octets in them.
  public var lostOctets: UInt64
  /// Calls for queues with a number beyond what the tap has room for.
  public var callsOfUnsupportedQueues: UInt64
  /// Calls that a hook missed because it was running on that processor already. The next hook
  /// recovers what these did; a late response is marked so.
  public var missedCalls: UInt64
}

/// Collects records while the library calls back.
private final class Collector {
  var sequence = TapSequence()
  var round: UInt32 = 0
  var taken: UInt64 = 0
  var failed = false
  private var batch: [TapRecord] = []

  func collect(from tap: OpaquePointer, _ receive: (TapRecord) -> Void) -> Int {
    // SAFETY: the library calls back during the call only, while `self` is alive here.
    unsafe _ = cbpf_consume(
      tap,
      { context, octets, count in
        guard let context = unsafe context, let octets = unsafe octets else { return }
        let collector = unsafe Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
        // SAFETY: the library lends `count` octets until this returns; decoding copies.
        let span = unsafe RawSpan(_unsafeStart: octets, byteCount: count)
        collector.add(span)
      }, Unmanaged.passUnretained(self).toOpaque())
    let count = batch.count
    taken += UInt64(count)
    for record in batch { sequence.take(record, receive) }
    batch.removeAll(keepingCapacity: true)
    return count
  }

  private func add(_ octets: RawSpan) {
    do throws(TapDecodingError) {
      batch.append(try TapRecord(decoding: octets))
    } catch {
      failed = true
    }
  }
}

extension KernelTapError {
  /// Whether the kernel may take the tap without the control ring's hooks.
  fileprivate var mayConcernControl: Bool {
    switch self {
    case .functionMissing, .fieldMissing, .refused: true
    default: false
    }
  }

  fileprivate init(code: Int32, message: [CChar]) {
    let octets = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let text = String(decoding: octets, as: UTF8.self)
    switch cbpf_result(UInt32(bitPattern: code)) {
    case CBPF_NO_LIBRARY: self = .libraryMissing(text)
    case CBPF_NO_TYPES: self = .typesMissing(path: text)
    case CBPF_NO_SYMBOL: self = .functionMissing(text)
    case CBPF_NO_FIELD: self = .fieldMissing(text)
    case CBPF_NOT_PERMITTED: self = .notPermitted(text)
    default: self = .refused(text)
    }
  }
}

extension TapObject {
  /// The eBPF object.
  fileprivate static func octets() -> [UInt8] {
    digits.withUTF8Buffer { text in
      func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : digit - 87 }
      return (0..<text.count / 2).map { pair in
        // SAFETY: in bounds by the range, and the buffer does not leave here.
        unsafe value(text[2 * pair]) << 4 | value(text[2 * pair + 1])
      }
    }
  }
}
