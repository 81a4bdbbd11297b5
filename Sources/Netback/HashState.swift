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

  /// Takes a key of up to 40 octets out of a page of the guest.
  mutating func setKey(
    _ page: ControlPage, length: UInt32, _ rules: ControlRules
  ) -> ControlStatus {
    guard length <= rules.keyOctets, let octets = page.octets(Int(length)) else {
      return .invalidParameter
    }
    key = ToeplitzKey(octets.span.extracting(0..<Int(length)).octets)
    return .success
  }

  /// Makes a mapping of `count` zeros.
  mutating func setMappingSize(_ count: UInt32, _ rules: ControlRules) -> ControlStatus {
    guard count <= rules.mappingEntries else { return .invalidParameter }
    mapping = Array(repeating: 0, count: Int(count))
    return .success
  }

  /// Takes entries out of a page of the guest. What is looked at is our copy, and the old mapping
  /// stays until the new one is known to be right (XSA-270).
  mutating func setMapping(
    _ page: ControlPage, count: UInt32, at place: UInt32, queues: Int, _ rules: ControlRules
  ) -> ControlStatus {
    let (end, isOver) = place.addingReportingOverflow(count)
    guard !isOver || !rules.checksEnd, end <= UInt32(mapping.count),
      count <= UInt32(mapping.count)
    else { return .invalidParameter }
    guard let octets = page.octets(Int(count) * 4) else { return .invalidParameter }
    var changed = mapping
    for entry in 0..<Int(count) {
      // Past the table only where a test has its end unchecked.
      let target = (Int(place) + entry) % changed.count
      let queue = octets.span.octets.word(at: entry * 4)
      guard rules.accepts(queue, over: mapping[target], of: queues) else {
        if !rules.changesWhole { mapping = changed }
        return .invalidParameter
      }
      changed[target] = queue
    }
    mapping = changed
    return .success
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
