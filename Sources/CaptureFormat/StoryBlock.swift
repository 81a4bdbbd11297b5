import XenInterface
import XenRing

/// A packet's story for programs: the data of a custom block, as Documentation/Wireshark.md lays it out.
struct StoryBlock {
  /// The number that stands for examples (RFC 5612): Ringside has none of its own. What is ours begins with
  /// its name.
  static let enterprise: UInt32 = 32473

  private(set) var octets: [UInt8] = Array("RINGSIDE".utf8)

  /// Lays out a story that is told at the event with a number.
  init(_ story: PacketStory, told number: UInt64, of vif: VifPlace?) {
    let events = (story.frame.map { [$0] } ?? []) + story.events
    octets += [RingPacket.version, story.outcome.code, story.outcome.rule, 0]
    octets.append(littleEndian: UInt32(clamping: story.omitted))
    octets.append(littleEndian: number)
    octets.append(littleEndian: UInt32(events.count))
    for event in events {
      let packet = RingPacket(event, of: vif).octets
      octets.append(littleEndian: UInt32(packet.count))
      octets += packet
    }
  }
}

extension PacketStory.Outcome {
  /// The number that stands for it.
  fileprivate var code: UInt8 {
    switch self {
    case .noFrame: 0
    case .delivered: 1
    case .waits: 2
    case .handedOver: 3
    case .refused: 4
    case .expired: 5
    case .cutOff: 6
    }
  }

  /// The rule that was broken; 255 for none, or for one that is not known.
  fileprivate var rule: UInt8 {
    if case .cutOff(let rule) = self { rule } else { .max }
  }
}
