/// Where a frame, or the beginning of one, has addresses, payload and checksums.
struct FrameLayout: Hashable {
  /// What is to be replaced.
  enum Kind: Hashable { case mac, ipv4, ipv6, payload }

  /// A run of octets that is to be replaced as a whole.
  struct Part: Hashable {
    var kind: Kind
    var octets: Range<Int>
  }

  /// A checksum in 16 bits.
  struct Checksum: Hashable {
    /// Its first octet.
    var place: Int
    /// What it covers of the frame, itself too; may go on behind what is there of the frame.
    var covered: Range<Int>
    /// The addresses of its pseudo header; empty when it has none.
    var addresses: Range<Int>
    /// Whether it may be left to be filled in.
    var isTransport = false
    /// Whether zero says that there is none.
    var isOptional = false
  }

  /// What is to be replaced, in the order of the frame. All that lies between stays.
  private(set) var parts: [Part] = []
  private(set) var checksums: [Checksum] = []
  /// Where the headers of Ethernet, IP and TCP or UDP end, as far as they are there.
  private(set) var headersEnd = 0
  /// Octets of the frame that are there.
  let count: Int

  init(count: Int) { self.count = count }

  /// All is payload.
  init(payload count: Int) {
    self.init(count: count)
    add(.payload, 0..<count)
  }

  /// Takes what is there of a part; an address that is not whole is replaced as payload is.
  mutating func add(_ kind: Kind, _ octets: Range<Int>) {
    let there = octets.clamped(to: 0..<count)
    guard !there.isEmpty else { return }
    parts.append(Part(kind: there == octets ? kind : .payload, octets: there))
  }

  mutating func add(_ checksum: Checksum) {
    if checksum.place + 2 <= count { checksums.append(checksum) }
  }

  /// Notes that a header goes up to there.
  mutating func extendHeaders(to end: Int) { headersEnd = max(headersEnd, min(end, count)) }
}
