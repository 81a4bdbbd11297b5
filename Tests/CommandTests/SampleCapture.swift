internal import Foundation

/// A savefile of libpcap's, of our own making.
struct SampleCapture {
  struct Frame {
    /// Nanoseconds since 1970.
    var time: UInt64
    var octets: [UInt8]
    /// Octets of the whole frame, of which `octets` may be the first.
    var length: Int
  }

  static let guest: [UInt8] = [0x00, 0x16, 0x3e, 0, 0, 7]
  static let start: UInt64 = 1_700_000_000_000_000_000

  var frames: [Frame] = []
  /// C constant `LINKTYPE_ETHERNET`.
  var link: UInt32 = 1

  /// Adds a frame of the guest's or for it, so many nanoseconds after the start.
  mutating func add(_ length: Int, isOwn: Bool = true, at time: UInt64 = 0, kept: Int? = nil) {
    let other: [UInt8] = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff]
    let header = (isOwn ? other + Self.guest : Self.guest + other) + [0x88, 0xb5]
    let body = (0..<max(0, length - header.count)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
    let octets = Array((header + body).prefix(kept ?? length))
    frames.append(Frame(time: Self.start + time, octets: octets, length: length))
  }

  /// The file.
  var data: Data {
    var octets: [UInt8] = []
    func append(_ words: [UInt32]) {
      for word in words { for octet in 0..<4 { octets.append(UInt8(word >> (8 * octet) & 255)) } }
    }
    append([0xa1b2_3c4d, 4 << 16 | 2, 0, 0, 262_144, link])
    for frame in frames {
      append([
        UInt32(frame.time / 1_000_000_000), UInt32(frame.time % 1_000_000_000),
        UInt32(frame.octets.count), UInt32(frame.length),
      ])
      octets += frame.octets
    }
    return Data(octets)
  }
}
