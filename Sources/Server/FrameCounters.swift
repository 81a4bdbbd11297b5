import Netback
import Netif

/// What went one way, as the guest sees it: how many frames, and with which offloads they crossed.
public struct FrameCounters: Hashable, Sendable, Encodable {
  /// Frames.
  public var frames: UInt64 = 0
  /// Octets in them.
  public var octets: UInt64 = 0
  /// Those that are still to be cut into segments.
  public var unsegmented: UInt64 = 0
  /// Those whose checksum is still to be filled in.
  public var blankChecksums: UInt64 = 0
  /// Octets of the largest.
  public var largest: UInt32 = 0
  /// Further frames, which were not taken.
  public var refused: UInt64 = 0

  enum CodingKeys: String, CodingKey {
    case frames, octets, unsegmented, largest, refused
    case blankChecksums = "blank_checksums"
  }

  /// Nothing counted yet.
  public init() {}

  /// Counts a frame, taken or not.
  mutating func count(_ length: Int, _ offload: FrameOffload, isTaken: Bool) {
    if isTaken { count(length, offload) } else { refused += 1 }
  }

  /// Counts frames that leave a guest.
  mutating func count(_ batch: FrameBatch) {
    for place in batch.frames.indices {
      count(Int(batch.frames[place].length), batch.frames[place].offload)
    }
  }

  /// Adds what was counted elsewhere.
  mutating func add(_ other: FrameCounters) {
    frames += other.frames
    octets += other.octets
    unsegmented += other.unsegmented
    blankChecksums += other.blankChecksums
    largest = max(largest, other.largest)
    refused += other.refused
  }

  /// Counts a frame that was taken.
  mutating func count(_ length: Int, _ offload: FrameOffload) {
    frames += 1
    octets += UInt64(length)
    if offload.segmentation != nil { unsegmented += 1 }
    if offload.checksum == .partial { blankChecksums += 1 }
    largest = max(largest, UInt32(clamping: length))
  }
}
