public import XenRing

/// How strictly a vif judges its guest. Chosen when the vif is made, written into every trace.
public enum RuleProfile: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// What Linux's netback does, down to which answer goes to which slot.
  case linux = 0
  /// The protocol's text: each bad packet is answered with an error and the vif goes on.
  case netif = 1
}

/// Why one packet was refused. The vif lives on.
public enum TxRejection: Error, Hashable, Sendable {
  /// The first slot's own part is shorter than an Ethernet header.
  case tooShort(UInt16)
  /// More data slots than a packet may have.
  case tooManySlots(Int)
  /// A slot is larger than what is left of the packet's total.
  case sizeExceedsTotal(size: UInt16, remaining: UInt16)
  /// A slot's data crosses its page (`netif` profile; fatal in `linux`).
  case pageCrossing(offset: UInt16, size: UInt16)
  /// A GSO extra with segment size 0 or an unknown type (`netif` profile; fatal in `linux`).
  case invalidSegmentation
  /// The multicast list is full.
  case multicastListFull
  /// A header slot that does not exist, or data beyond its end.
  case badHeaderSlot(UInt32)
}

/// Why a frontend was cut off. Its vif is disabled; no other one is.
public enum TxViolation: Error, Hashable, Sendable {
  /// The request producer claims more than the ring holds.
  case ring(RingViolation)
  /// An extra info was promised and not published.
  case missingExtra
  /// An extra info of type 0 or of an unknown type.
  case invalidExtraType(UInt8)
  /// A data slot was promised and not published.
  case missingSlot
  /// More data slots than any honest guest would use.
  case maliciousSlotCount(Int)
  /// A slot's data crosses its page.
  case pageCrossing(offset: UInt16, size: UInt16)
  /// A GSO extra with segment size 0.
  case zeroSegmentSize
  /// A GSO extra of an unknown type.
  case invalidSegmentationType(UInt8)
}

/// A rule's stable name, as in reports and traces: `tx/page-crossing`.
public struct RuleIdentifier: Hashable, Sendable, CustomStringConvertible {
  /// The name.
  public let description: String
  init(_ name: String) { description = name }
}

extension TxRejection {
  /// The rule that refused the packet.
  public var rule: RuleIdentifier {
    switch self {
    case .tooShort: RuleIdentifier("tx/minimum-size")
    case .tooManySlots: RuleIdentifier("tx/slot-limit")
    case .sizeExceedsTotal: RuleIdentifier("tx/size-sum")
    case .pageCrossing: RuleIdentifier("tx/page-crossing")
    case .invalidSegmentation: RuleIdentifier("tx/gso")
    case .multicastListFull: RuleIdentifier("tx/multicast-limit")
    case .badHeaderSlot: RuleIdentifier("tx/header-slot")
    }
  }
}

extension TxViolation {
  /// The rule that was broken.
  public var rule: RuleIdentifier { RuleIdentifier(Self.names[code]) }

  /// The rule's number, as traces store it.
  public var code: Int {
    switch self {
    case .ring: 0
    case .missingExtra: 1
    case .invalidExtraType: 2
    case .missingSlot: 3
    case .maliciousSlotCount: 4
    case .pageCrossing: 5
    case .zeroSegmentSize: 6
    case .invalidSegmentationType: 7
    }
  }

  /// Rule names by `code`.
  public static let names = [
    "tx/producer", "tx/missing-extra", "tx/extra-type", "tx/missing-slot", "tx/slot-limit-fatal",
    "tx/page-crossing", "tx/gso-size", "tx/gso-type",
  ]

  /// The name of the rule with a number that a trace has; it may be none of ours.
  public static func name(ofCode code: UInt8) -> String {
    names.indices.contains(Int(code)) ? names[Int(code)] : "unknown rule"
  }
}

/// In which order a vif answers TX slots. The protocol allows any.
public enum AnswerOrder: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// The order of the requests, poll by poll.
  case ring = 0
  /// As Linux: refused and empty slots first, copied slots with their poll, the rest of a frame when
  /// whoever holds the frame releases it.
  case completion = 1
}
