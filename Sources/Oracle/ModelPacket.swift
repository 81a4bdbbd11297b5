import Netif
import XenRing

/// A packet as the slots of the ring spell it. Read whole, then judged: the backend under test does both
/// slot by slot.
struct ModelPacket {
  /// A data slot, with the octets that it brings itself.
  struct Part {
    var request: TxRequest
    var octets: Int
  }

  /// The first slot and those that follow it as far as they are published, extra infos left out.
  private(set) var parts: [Part] = []
  /// Extra infos in front of the second data slot.
  private(set) var extras = 0
  /// Whether slots that it promises are published.
  private(set) var missing: ModelRule?
  /// An extra info whose type nobody knows.
  private(set) var hasUnknownExtra = false
  /// Size and type that the last segmentation extra names.
  private(set) var segmentation: (size: Int, type: Int)?
  /// Addresses of the last requests to add and to remove one.
  private(set) var adds: UInt64?
  private(set) var removes: UInt64?

  /// Octets that the first slot says the packet has.
  var total: Int { Int(parts[0].request.size) }
  var isMulticast: Bool { adds != nil || removes != nil }
  /// Slots of the ring, extra infos among them.
  var slots: Int { parts.count + extras }
  var flags: TxFlags { parts[0].request.flags }

  /// The answer to a data slot.
  func answer(_ part: Int, _ status: NetifStatus) -> ModelAnswer {
    ModelAnswer(id: parts[part].request.id, status: status, nulls: part == 0 ? extras : 0)
  }

  /// Reads the packet that starts at the next slot, in place of the one before.
  ///
  /// - Precondition: one slot is available at least.
  mutating func read(from ring: ModelRing) {
    forget()
    let first = TxRequest(words: ring.slot(0))
    parts.append(Part(request: first, octets: Int(first.size)))
    readExtras(ring)
    guard missing == nil, !hasUnknownExtra, !isMulticast else { return }
    readParts(ring)
    // What the others bring is not the first one's; sizes that do not add up wrap as 16 bits do.
    let others = parts.dropFirst().reduce(0) { $0 + $1.octets }
    parts[0].octets = (total - others) & 0xffff
  }

  private mutating func forget() {
    parts.removeAll(keepingCapacity: true)
    (extras, missing, hasUnknownExtra) = (0, nil, false)
    (segmentation, adds, removes) = (nil, nil, nil)
  }

  private mutating func readExtras(_ ring: ModelRing) {
    var goesOn = flags.contains(.extraInfo)
    while goesOn {
      guard 1 + extras < ring.available else { return missing = .missingExtra }
      let words = ring.slot(1 + extras)
      extras += 1
      goesOn = words[0] & 0x100 != 0
      note(words)
      if hasUnknownExtra { return }
    }
  }

  /// Type in the first octet, flags in the second, then what the type makes of the six that follow.
  private mutating func note(_ words: SlotWords) {
    let rest = UInt64(words[0] >> 16) | UInt64(words[1]) << 16
    switch words[0] & 0xff {
    case 1: segmentation = (Int(rest & 0xffff), Int(rest >> 16 & 0xff))
    case 2: adds = rest
    case 3: removes = rest
    case 4, 5: break
    default: hasUnknownExtra = true
    }
  }

  private mutating func readParts(_ ring: ModelRing) {
    while parts[parts.count - 1].request.flags.contains(.moreData) {
      guard slots < ring.available else { return missing = .missingSlot }
      let request = TxRequest(words: ring.slot(slots))
      parts.append(Part(request: request, octets: Int(request.size)))
    }
  }
}
