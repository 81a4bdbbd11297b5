public import Netif
import XenRing

/// Does what a receiver of frames cannot do itself: fills in checksums that were left blank, and cuts
/// TCP into segments.
public struct FrameFinisher: Sendable {
  /// Octets of payload per segment below which nothing is cut: no sender asks for less (Linux:
  /// `tcp_min_snd_mss`), and the work grows as they shrink.
  public static var smallestSegment: UInt16 { 48 }

  private var room: [UInt8] = []

  /// Has no memory yet.
  public init() {}

  /// Hands out what a frame becomes: itself with its checksum, or its segments with theirs, each
  /// valid during the call only.
  ///
  /// - Parameters:
  ///   - frame: the frame as the guest sent it.
  ///   - start: first octet that the checksum covers: the transport header's.
  ///   - offset: where the checksum stands from there.
  ///   - segmentation: how it is to be cut, if it is.
  ///   - body: takes each.
  /// - Returns: whether that was possible; not for headers that lie outside of the frame, or say so.
  public mutating func finish(
    _ frame: RawSpan, start: Int, offset: Int, _ segmentation: Segmentation?,
    _ body: (RawSpan) -> Void
  ) -> Bool {
    guard start >= 0, offset >= 0, start + offset + 2 <= frame.byteCount else { return false }
    guard let segmentation else {
      room.removeAll(keepingCapacity: true)
      room.append(octets: frame)
      fillIn(start: start, offset: offset)
      body(room.span.octets)
      return true
    }
    guard let cut = SegmentCut(frame, transport: start, segmentation) else { return false }
    for number in 0..<cut.count {
      room.removeAll(keepingCapacity: true)
      cut.append(number, of: frame, to: &room)
      fillIn(start: start, offset: SegmentCut.checksumOffset)
      body(room.span.octets)
    }
    return true
  }

  /// Sums what the checksum covers, in whose place the pseudo header's sum stands.
  private mutating func fillIn(start: Int, offset: Int) {
    let sum = ~RawSpan.folded(room.span.octets.sum(start..<room.count))
    // A UDP checksum of 0 would say that there is none; 0xffff is the same number.
    room.setNetworkWord(sum == 0 && offset == 6 ? 0xffff : sum, at: start + offset)
  }
}

/// How a TCP frame is cut.
private struct SegmentCut {
  static let checksumOffset = 16
  private static let (fin, push, congestionReduced) = (UInt8(1), UInt8(8), UInt8(0x80))

  let count: Int
  private let network: Int
  private let transport: Int
  private let payload: Int
  private let size: Int
  private let isIPv4: Bool

  init?(_ frame: RawSpan, transport: Int, _ segmentation: Segmentation) {
    guard segmentation.size >= FrameFinisher.smallestSegment, let network = Self.network(frame),
      transport >= network + 20, transport + 20 <= frame.byteCount
    else { return nil }
    payload = transport + Int(frame.octet(at: transport + 12) >> 4) * 4
    isIPv4 = segmentation.type == Segmentation.tcpv4
    guard payload >= transport + 20, payload <= frame.byteCount,
      isIPv4 || transport >= network + 40
    else { return nil }
    (self.network, self.transport, size) = (network, transport, Int(segmentation.size))
    count = max(1, (frame.byteCount - payload + size - 1) / size)
  }

  /// Where the network header begins, behind any VLAN tags.
  private static func network(_ frame: RawSpan) -> Int? {
    var type = 12
    while type + 2 <= frame.byteCount {
      guard [0x8100, 0x88a8].contains(frame.networkWord(at: type)) else { return type + 2 }
      type += 4
    }
    return nil
  }

  /// Appends a segment; in the checksum's place stands the sum of its own pseudo header.
  func append(_ number: Int, of frame: RawSpan, to room: inout [UInt8]) {
    let first = payload + number * size
    let end = min(first + size, frame.byteCount)
    room.append(octets: frame.extracting(0..<payload))
    room.append(octets: frame.extracting(first..<end))
    let length = room.count - transport
    setLengths(length, number, &room)
    setSequence(number, of: frame, &room)
    var flags = room[transport + 13]
    if number + 1 < count { flags &= ~(Self.fin | Self.push) }
    if number > 0 { flags &= ~Self.congestionReduced }
    room[transport + 13] = flags
    let whole = UInt16(truncatingIfNeeded: frame.byteCount - transport)
    let checksum = transport + Self.checksumOffset
    let sum = UInt32(frame.networkWord(at: checksum)) + UInt32(~whole) + UInt32(length)
    room.setNetworkWord(RawSpan.folded(sum), at: checksum)
  }

  private func setLengths(_ length: Int, _ number: Int, _ room: inout [UInt8]) {
    let upper = transport - network
    guard isIPv4 else {
      return room.setNetworkWord(UInt16(clamping: upper - 40 + length), at: network + 4)
    }
    room.setNetworkWord(UInt16(clamping: upper + length), at: network + 2)
    let identification = room.span.octets.networkWord(at: network + 4)
    room.setNetworkWord(identification &+ UInt16(truncatingIfNeeded: number), at: network + 4)
    room.setNetworkWord(0, at: network + 10)
    let sum = ~RawSpan.folded(room.span.octets.sum(network..<transport))
    room.setNetworkWord(sum, at: network + 10)
  }

  private func setSequence(_ number: Int, of frame: RawSpan, _ room: inout [UInt8]) {
    let (high, low) = (frame.networkWord(at: transport + 4), frame.networkWord(at: transport + 6))
    let next = (UInt32(high) << 16 | UInt32(low)) &+ UInt32(truncatingIfNeeded: number * size)
    room.setNetworkWord(UInt16(truncatingIfNeeded: next >> 16), at: transport + 4)
    room.setNetworkWord(UInt16(truncatingIfNeeded: next), at: transport + 6)
  }
}

extension [UInt8] {
  /// Writes 16 bits, first octet highest, as they stand in frames.
  fileprivate mutating func setNetworkWord(_ value: UInt16, at place: Int) {
    self[place] = UInt8(truncatingIfNeeded: value >> 8)
    self[place + 1] = UInt8(truncatingIfNeeded: value)
  }
}
