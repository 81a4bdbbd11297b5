import XenRing

/// What a profile makes of the rules of the TX ring: their bounds and their severities, one by one.
///
/// A profile is the only way to choose them. Within the package a test takes one away at a time, to see that
/// the rule matrix finds out.
public struct TxRules: Hashable, Sendable {
  /// Octets that a first slot brings at least.
  @usableFromInline package var minimum = NetifLimits.ethernetHeader
  /// Slots behind the first from which on a packet is refused: Linux takes 19 in all, the protocol promises
  /// 18.
  package var continuations: Int
  /// Slots behind the first from which on a guest is cut off.
  package var fatalContinuations: Int
  /// Whether data over the end of its page, and a segmentation of no sense, cut a guest off, as Linux does;
  /// else the packet is refused.
  package var cutsOff: Bool
  /// Whether a slot may not bring more than is left of the packet's total.
  package var checksSum = true
  /// Whether a slot's data must end with its page.
  package var checksPages = true
  /// Whether a segment has an octet at least.
  package var checksSegmentSize = true
  /// Whether a segmentation must be of a known type.
  package var checksSegmentType = true
  /// Whether an extra info must be of a known type.
  package var checksExtraType = true
  /// Whether slots that are promised must be published.
  package var requiresPromised = true
  /// Whether a producer may not be more than a ring ahead.
  package var checksProducer = true
  /// Whether a packet is lost of which a grant operation failed.
  package var checksGrants = true
  /// Whether a slot of no octets behind the linear area is answered at once.
  package var answersEmpty = true
  /// Whether a queue takes nothing more behind a slot that cuts its guest off.
  package var stopsAtViolation = true
  /// Whether the slots of a refused packet are walked to their end, and not while their indices grow, which
  /// they do not past 2³² (XSA-39).
  package var walksPastWrap = true
  /// Data slots that may end in the linear area (XSA-432: all of them, also those that Linux counts apart).
  package var linearSlots = Int.max
  /// Whether the linear area is filled across slots, not from the first alone (XSA-423).
  package var copiesAcrossSlots = true
  /// Octets of a packet that are copied, at least.
  package var linearLength = NetifLimits.linearLength
  /// Addresses in a vif's multicast list.
  package var multicastAddresses = NetifLimits.multicastAddresses

  /// The rules of a profile.
  public init(_ profile: RuleProfile) {
    switch profile {
    case .linux:
      continuations = NetifLimits.slotsGuaranteed
      fatalContinuations = NetifLimits.slotsFatal
      cutsOff = true
    case .netif:
      continuations = NetifLimits.slotsGuaranteed - 1
      fatalContinuations = .max
      cutsOff = false
    }
  }

  /// Data slots that a packet can have and still be accepted.
  var mostSlots: Int { min(continuations, Int(NetifLimits.ringSize) - 1) + 1 }
}
