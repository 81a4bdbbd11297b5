public import Netif
import XenRing

/// How a vif spreads frames over its guest's queues (Linux: `hash.c`). It outlives a reconnect.
public struct HashState: Hashable, Sendable {
  /// Entries that a mapping has at most (Linux: `XEN_NETBK_MAX_HASH_MAPPING_SIZE`).
  public static var mappingCapacity: Int { 128 }

  /// The algorithm; while there is none, whoever sends chooses the queue.
  public private(set) var algorithm = HashAlgorithm.none
  /// What is hashed over.
  public private(set) var types: HashTypes = []
  /// The key.
  public private(set) var key = ToeplitzKey()
  /// Queue numbers, picked by the hash modulo their count; empty for the hash modulo the queues.
  public private(set) var mapping: [UInt32] = []

  /// No algorithm, or what was set before.
  init(
    algorithm: HashAlgorithm = .none, types: HashTypes = [], key: ToeplitzKey = ToeplitzKey(),
    mapping: [UInt32] = []
  ) {
    self.algorithm = algorithm
    self.types = types
    self.key = key
    self.mapping = mapping
  }

  /// Forgets all that was set.
  mutating func forget() { take(HashState()) }

  /// Says the same as `other`, in room of its own.
  mutating func take(_ other: HashState) {
    (algorithm, types, key) = (other.algorithm, other.types, other.key)
    mapping.removeAll(keepingCapacity: true)
    mapping += other.mapping
  }

  /// The hash of a frame; nil when the guest wants none of such a frame.
  public func hash(of frame: RawSpan) -> FlowHash? {
    guard algorithm == .toeplitz else { return nil }
    return FlowKey(frame, types: types)?.hash(with: key)
  }

  /// The queue for a frame with this hash, of one queue or more.
  ///
  /// A frame without a hash counts as one whose hash is 0. A mapping that was made for more queues
  /// than there are now is taken modulo their number.
  public func queue(for hash: FlowHash?, of queues: Int) -> Int {
    let value = hash?.value ?? 0
    guard !mapping.isEmpty else { return Int(value) % queues }
    return Int(mapping[Int(value) % mapping.count]) % queues
  }
}

// MARK: - What the control ring sets

extension HashState {
  /// Chooses an algorithm by its number.
  mutating func setAlgorithm(_ number: UInt32, _ rules: ControlRules) -> ControlStatus {
    let algorithm = HashAlgorithm(rawValue: number)
    guard algorithm != nil || !rules.checksAlgorithm else { return .invalidParameter }
    self.algorithm = algorithm ?? .none
    return .success
  }

  /// The hash types that may be asked for; an algorithm comes first.
  var offeredTypes: (status: ControlStatus, data: UInt32) {
    algorithm == .none ? (.notSupported, 0) : (.success, HashTypes.all.rawValue)
  }

  /// Chooses what is hashed over; an algorithm comes first.
  mutating func setTypes(_ bits: UInt32, _ rules: ControlRules) -> ControlStatus {
    let types = HashTypes(rawValue: bits)
    guard types.isSubset(of: .all) || !rules.checksTypes,
      algorithm != .none || !rules.requiresAlgorithm
    else { return .invalidParameter }
    self.types = types
    return .success
  }

  /// Takes a key of up to 40 octets.
  mutating func setKey(_ octets: RawSpan) { key = ToeplitzKey(octets) }

  /// Makes a mapping of `count` zeros.
  mutating func setMappingSize(_ count: UInt32, _ rules: ControlRules) -> ControlStatus {
    guard count <= rules.mappingEntries else { return .invalidParameter }
    mapping.removeAll(keepingCapacity: true)
    mapping += repeatElement(0, count: Int(count))
    return .success
  }

  /// Whether the mapping has `count` entries from `place` on.
  func hasEntries(_ count: UInt32, at place: UInt32, _ rules: ControlRules) -> Bool {
    let (end, isOver) = place.addingReportingOverflow(count)
    return (!isOver || !rules.checksEnd) && max(end, count) <= UInt32(mapping.count)
  }

  /// Takes entries out of our copy of a guest's page. The old mapping stays until the new one is known
  /// to be right (XSA-270).
  ///
  /// - Precondition: `hasEntries`.
  mutating func setMapping(
    _ octets: RawSpan, count: UInt32, at place: UInt32, queues: Int, _ rules: ControlRules
  ) -> ControlStatus {
    // Past the table only where a test has its end unchecked.
    func target(_ entry: Int) -> Int { (Int(place) + entry) % mapping.count }
    var right = 0
    while right < count,
      rules.accepts(octets.word(at: right * 4), over: mapping[target(right)], of: queues)
    {
      right += 1
    }
    guard right == count || !rules.changesWhole else { return .invalidParameter }
    for entry in 0..<right { mapping[target(entry)] = octets.word(at: entry * 4) }
    return right == count ? .success : .invalidParameter
  }
}

extension ControlRules {
  /// Whether a queue may stand in a mapping.
  fileprivate func accepts(_ queue: UInt32, over old: UInt32, of queues: Int) -> Bool {
    switch queueCheck {
    case .copied: queue < UInt32(clamping: queues)
    case .before: old < UInt32(clamping: queues)
    case .never: true
    }
  }
}

extension RawSpan {
  /// The little-endian word at `place`.
  fileprivate func word(at place: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(octet(at: place + $1)) << UInt32(8 * $1) }
  }
}
