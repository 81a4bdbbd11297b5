extension MatrixRule {
  /// What it says, to people.
  public var says: String {
    switch self {
    case .minimumSize: "the first slot brings 14 octets or more"
    case .pageCrossing: "data ends with its page"
    case .pageEnd: "a slot of no octets begins in its page or right behind it"
    case .slotLimit: "a packet has 19 data slots at most, by netif 18; with 22 Linux cuts off"
    case .sizeSum: "the other slots bring less than the first one says that all bring"
    case .missingSlot: "a slot that is promised is published"
    case .missingExtra: "an extra info that is promised is published"
    case .extraType: "an extra info is of a type from 1 to 5"
    case .gsoSize: "a segment has an octet or more"
    case .gsoType: "segments are of TCP over IPv4 or IPv6"
    case .producer: "the producer is a ring ahead at most"
    case .grant: "a page that cannot be used costs its packet, and its slot alone has an error"
    case .emptySlot: "a slot of no octets behind the linear area is answered at once"
    case .linearArea: "the first 128 octets are answered with their poll, others with their frame"
    case .multicastLimit: "a multicast list has 64 addresses at most"
    }
  }
}
