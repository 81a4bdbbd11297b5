import Netif
import TraceFormat
import XenInterface
import XenRing

/// Octets of a guest's page that a request names.
struct PageExtent {
  var grant: GrantReference
  var offset: UInt16
  var size: UInt32
}

/// Requests of a ring that were taken and not answered, and the packets that they make up.
///
/// A request whose place is taken by a new one is forgotten: nothing grows.
struct RequestTable {
  /// A packet, or a message, of which not all requests are answered.
  struct Packet {
    /// Index of its first request.
    var head: RingIndex
    var flow: UInt64
    /// Where its slice is; `nil` when it has none.
    var lane: UInt16?
    fileprivate var unanswered: UInt32 = 0
    fileprivate var isWhole = false

    init(head: RingIndex, flow: UInt64, lane: UInt16?) {
      self.head = head
      self.flow = flow
      self.lane = lane
    }
  }

  private struct Request {
    var index: RingIndex
    var head: RingIndex
    /// What it names; `nil` for an extra info.
    var extent: PageExtent?
    /// Octets that copies have brought, and all when it was mapped.
    var done: UInt32 = 0
  }

  private static let capacity = Int(NetifLimits.ringSize)
  private var requests: [Request?] = []
  private var packets: [Packet?] = []
  /// The place behind the request that was taken last: there the oldest one is, if any is so old.
  private var oldest = 0

  /// Whether a request is known that is not answered. A trace may say it more than once.
  func has(_ index: RingIndex) -> Bool { request(index) != nil }

  /// The packet whose first request this is.
  func packet(at head: RingIndex) -> Packet? {
    guard !packets.isEmpty, let packet = packets[Self.place(head)], packet.head == head else {
      return nil
    }
    return packet
  }

  /// The packet that a request is of.
  func packet(of index: RingIndex) -> Packet? { request(index).flatMap { packet(at: $0.head) } }

  /// Begins a packet.
  ///
  /// - Returns: one that is forgotten for it.
  mutating func begin(_ packet: Packet) -> Packet? {
    if packets.isEmpty {
      requests = Array(repeating: nil, count: Self.capacity)
      packets = Array(repeating: nil, count: Self.capacity)
    }
    let place = Self.place(packet.head)
    defer { packets[place] = packet }
    return packets[place]
  }

  /// Takes a request of the packet that begins at `head`. What further ones have is not the first one's,
  /// whose size is the whole packet's.
  mutating func take(_ extent: PageExtent?, at index: RingIndex, of head: RingIndex) {
    guard packet(at: head) != nil else { return }
    packets[Self.place(head)]?.unanswered &+= 1
    requests[Self.place(index)] = Request(index: index, head: head, extent: extent)
    oldest = Self.place(index.advanced(by: 1))
    guard index != head, let extent, let first = request(head)?.extent else { return }
    requests[Self.place(head)]?.extent?.size = first.size - min(first.size, extent.size)
  }

  /// The last request of a packet was taken.
  mutating func finish(_ head: RingIndex) {
    if packet(at: head) != nil { packets[Self.place(head)]?.isWhole = true }
  }

  /// Takes the answer to a request.
  ///
  /// - Returns: the packet that it is of, and whether all of it is answered now.
  mutating func answer(_ index: RingIndex) -> (packet: Packet, isLast: Bool)? {
    guard let request = request(index) else { return nil }
    requests[Self.place(index)] = nil
    guard var packet = packet(at: request.head) else { return nil }
    packet.unanswered -= min(packet.unanswered, 1)
    let isLast = packet.isWhole && packet.unanswered == 0
    packets[Self.place(request.head)] = isLast ? nil : packet
    return (packet, isLast)
  }

  /// Forgets all.
  ///
  /// - Returns: the packets that were not answered.
  mutating func removeAll() -> [Packet] {
    defer { self = RequestTable() }
    return packets.compactMap(\.self)
  }

  private func request(_ index: RingIndex) -> Request? {
    guard !requests.isEmpty, let request = requests[Self.place(index)], request.index == index
    else { return nil }
    return request
  }

  private static func place(_ index: RingIndex) -> Int { Int(index.rawValue) % capacity }
}

extension RequestTable.Packet? {
  /// The flow of the packet, if there is one.
  var flows: [Flow] { map { [Flow(number: $0.flow)] } ?? [] }
}

// MARK: - Grant operations

extension RequestTable {
  /// The packet that a copy is of: the first with a request that goes on where the copy begins, else one
  /// in whose octets it lies.
  mutating func claim(_ copy: TraceEvent.GrantOperand) -> Packet? {
    let offset = UInt32(copy.offset)
    let next = find(copy.grant) { extent, done in
      done < extent.size && UInt32(extent.offset) + done == offset
    }
    if let next {
      requests[next]?.done += UInt32(copy.length)
      return packet(atPlace: next)
    }
    let place = find(copy.grant) { extent, _ in
      let start = UInt32(extent.offset)
      return start..<start + max(extent.size, 1) ~= offset
    }
    return place.flatMap { packet(atPlace: $0) }
  }

  /// The packet that a mapping is of: the first with a request for that page of which something is
  /// missing, else any.
  mutating func claim(page grant: GrantReference) -> Packet? {
    guard let next = find(grant, where: { $1 < $0.size }) else {
      return find(grant) { _, _ in true }.flatMap { packet(atPlace: $0) }
    }
    requests[next]?.done = .max
    return packet(atPlace: next)
  }

  private func packet(atPlace place: Int) -> Packet? {
    requests[place].flatMap { packet(at: $0.head) }
  }

  /// The place of the oldest request for a page that `matches`, given how much of it is done.
  private func find(
    _ grant: GrantReference, where matches: (PageExtent, UInt32) -> Bool
  ) -> Int? {
    func isMeant(_ place: Int) -> Bool {
      guard let request = requests[place], let extent = request.extent else { return false }
      return extent.grant == grant && matches(extent, request.done)
    }
    return (oldest..<requests.count).first(where: isMeant) ?? (0..<oldest).first(where: isMeant)
  }
}
