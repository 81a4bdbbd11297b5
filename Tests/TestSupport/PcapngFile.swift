/// What a pcapng file says, read by the draft's rules and nothing else; all of it must be right.
public struct PcapngFile {
  /// What is wrong, and at which octet.
  public struct Fault: Error {
    /// The first octet of the block.
    public var octet: Int
    /// What it is about.
    public var words: String
  }

  /// An interface.
  public struct Interface: Hashable {
    /// What its packets begin with.
    public var link: UInt16
    /// Its name.
    public var name: String
    /// Negative power of ten of its times.
    public var timeUnit: UInt8

    /// Describes an interface.
    public init(link: UInt16, name: String, timeUnit: UInt8) {
      self.link = link
      self.name = name
      self.timeUnit = timeUnit
    }
  }

  /// A packet.
  public struct Packet: Hashable {
    /// The number of its interface.
    public var interface: Int
    /// In the interface's unit.
    public var time: UInt64
    /// As many as were kept.
    public var octets: [UInt8]
    /// Octets of the whole packet.
    public var length: UInt32
    /// By number.
    public var options: [UInt16: [UInt8]]

    /// Its comment.
    public var comment: String? { options[1].map { String(decoding: $0, as: UTF8.self) } }
    /// 1 in, 2 out, and more in higher bits.
    public var flags: UInt32 { options[2].map { $0.number(at: 0, 4) }.map(UInt32.init) ?? 0 }
    /// Its number.
    public var identity: UInt64? { options[5].map { $0.number(at: 0, 8) } }
    /// Which queue of its interface it is of.
    public var queue: UInt64? { options[6].map { $0.number(at: 0, 4) } }
  }

  /// Options of the section.
  public private(set) var section: [UInt16: [UInt8]] = [:]
  /// In the order of their numbers.
  public private(set) var interfaces: [Interface] = []
  /// In the order of the file.
  public private(set) var packets: [Packet] = []
  /// Custom blocks: their data, and how many packets stand before each.
  public private(set) var customs: [(enterprise: UInt64, data: [UInt8], packets: Int)] = []

  /// Reads all blocks.
  public init(_ octets: [UInt8]) throws {
    var place = 0
    while place < octets.count {
      guard octets.count - place >= 12 else { throw Fault(octet: place, words: "no block") }
      let length = Int(octets.number(at: place + 4, 4))
      guard length % 4 == 0, 12...(octets.count - place) ~= length,
        octets.number(at: place + length - 4, 4) == UInt64(length)
      else { throw Fault(octet: place, words: "length \(length)") }
      let kind = octets.number(at: place, 4)
      guard (place == 0) == (kind == 0x0a0d_0d0a) else {
        throw Fault(octet: place, words: "section")
      }
      try take(kind, Array(octets[(place + 8)..<(place + length - 4)]), at: place)
      place += length
    }
  }

  private mutating func take(_ kind: UInt64, _ body: [UInt8], at place: Int) throws {
    switch kind {
    case 0x0a0d_0d0a:
      guard body.number(at: 0, 4) == 0x1a2b_3c4d, body.number(at: 4, 4) == 1,
        body.number(at: 8, 8) == .max
      else { throw Fault(octet: place, words: "section header") }
      section = try Self.options(body.dropFirst(16), at: place)
    case 1:
      let options = try Self.options(body.dropFirst(8), at: place)
      interfaces.append(
        Interface(
          link: UInt16(body.number(at: 0, 2)),
          name: String(decoding: options[2] ?? [], as: UTF8.self),
          timeUnit: options[9]?.first ?? 6))
    case 6: try takePacket(body, at: place)
    case 0x0bad:
      customs.append((body.number(at: 0, 4), Array(body.dropFirst(4)), packets.count))
    default: throw Fault(octet: place, words: "kind \(kind)")
    }
  }

  private mutating func takePacket(_ body: [UInt8], at place: Int) throws {
    let interface = Int(body.number(at: 0, 4))
    let captured = Int(body.number(at: 12, 4))
    let length = UInt32(body.number(at: 16, 4))
    let end = 20 + (captured + 3) / 4 * 4
    guard interface < interfaces.count, captured <= 262_144, captured <= length, end <= body.count,
      body[(20 + captured)..<end].allSatisfy({ $0 == 0 })
    else { throw Fault(octet: place, words: "packet") }
    packets.append(
      Packet(
        interface: interface,
        time: body.number(at: 4, 4) << 32 | body.number(at: 8, 4),
        octets: Array(body[20..<(20 + captured)]), length: length,
        options: try Self.options(body.dropFirst(end), at: place)))
  }

  private static func options(
    _ octets: ArraySlice<UInt8>, at place: Int
  ) throws -> [UInt16: [UInt8]] {
    var options: [UInt16: [UInt8]] = [:]
    var rest = Array(octets)
    while !rest.isEmpty {
      guard rest.count >= 4 else { throw Fault(octet: place, words: "option") }
      let (code, length) = (UInt16(rest.number(at: 0, 2)), Int(rest.number(at: 2, 2)))
      let padded = (length + 3) / 4 * 4
      guard padded <= rest.count - 4, options[code] == nil else {
        throw Fault(octet: place, words: "option \(code)")
      }
      guard code != 0 else {
        guard length == 0, rest.count == 4 else { throw Fault(octet: place, words: "end") }
        return options
      }
      options[code] = Array(rest[4..<(4 + length)])
      rest.removeFirst(4 + padded)
    }
    throw Fault(octet: place, words: "options without an end")
  }
}

extension [UInt8] {
  /// The little-endian number of up to eight octets.
  public func number(at place: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(self[place + $1]) << UInt64(8 * $1) }
  }
}
