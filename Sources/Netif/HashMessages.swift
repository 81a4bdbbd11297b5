/// What a control message asks (C constants `XEN_NETIF_CTRL_TYPE_*`).
public enum ControlMessage: UInt16, Sendable, CaseIterable {
  /// Which hash types the backend knows.
  case getHashFlags = 1
  /// The hash types wanted, in data 0; none turns hashing off.
  case setHashFlags = 2
  /// The key: a grant in data 0, octets in data 1.
  case setHashKey = 3
  /// Entries that the mapping may have.
  case getHashMappingSize = 4
  /// Entries of the mapping, in data 0; 0 asks for the hash modulo the number of queues.
  case setHashMappingSize = 5
  /// A part of the mapping: a grant in data 0, entries in data 1, the first one's place in data 2.
  case setHashMapping = 6
  /// The algorithm, in data 0.
  case setHashAlgorithm = 7
  /// Entries that a queue's table of staging grants can hold.
  case getGrantMappingSize = 8
  /// Pages to be kept mapped.
  case addGrantMapping = 9
  /// Pages to be kept no longer.
  case deleteGrantMapping = 10
}

/// How a control message went (C constants `XEN_NETIF_CTRL_STATUS_*`).
public enum ControlStatus: UInt32, Sendable, CaseIterable {
  /// Done.
  case success = 0
  /// The backend knows no such message, or not now.
  case notSupported = 1
  /// An argument is wrong.
  case invalidParameter = 2
  /// An argument is larger than the backend takes.
  case bufferOverflow = 3
}

/// How a frame's hash is computed (C constants `XEN_NETIF_CTRL_HASH_ALGORITHM_*`).
public enum HashAlgorithm: UInt32, Sendable {
  /// The guest has chosen none.
  case none = 0
  /// Toeplitz.
  case toeplitz = 1
}

/// What a hash may be computed over (C constants `XEN_NETIF_CTRL_HASH_TYPE_*`).
public struct HashTypes: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt32
  /// Takes the bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// IPv4 addresses.
  public static var ipv4: HashTypes { HashTypes(rawValue: 1) }
  /// IPv4 addresses and TCP ports.
  public static var ipv4TCP: HashTypes { HashTypes(rawValue: 2) }
  /// IPv6 addresses.
  public static var ipv6: HashTypes { HashTypes(rawValue: 4) }
  /// IPv6 addresses and TCP ports.
  public static var ipv6TCP: HashTypes { HashTypes(rawValue: 8) }
  /// All that there are.
  public static var all: HashTypes { [.ipv4, .ipv4TCP, .ipv6, .ipv6TCP] }
}
