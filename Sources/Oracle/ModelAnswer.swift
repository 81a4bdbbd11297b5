public import Netif

/// An answer that a backend must give: to a data slot, with the NULLs of its extra infos behind it.
public struct ModelAnswer: Hashable, Sendable {
  /// The request's id.
  public var id: UInt16
  /// What became of it.
  public var status: NetifStatus
  /// NULLs that follow.
  public var nulls: Int
}

/// What must come of slots that a guest has published.
public struct ModelOutcome: Sendable {
  /// The answers. Those of slots that wait for the release of their frame stand behind the others of their
  /// batch; where they stand is chance in Linux.
  public internal(set) var answers: [ModelAnswer] = []
  /// The frames, whole.
  public internal(set) var frames = ModelFrames()
  /// What decided the fate of each packet, in the order of packets.
  public internal(set) var verdicts: [ModelVerdict] = []
  /// Rules of which a packet stood on the good side, not by far.
  public internal(set) var passed = ModelRules()

  /// Nothing came of them.
  public init() {}

  /// The rule that cut the guest off.
  public var fatalRule: ModelRule? {
    guard case .fatal(let rule)? = verdicts.last else { return nil }
    return rule
  }

  /// Begins anew.
  mutating func forget() {
    answers.removeAll(keepingCapacity: true)
    frames.forget()
    verdicts.removeAll(keepingCapacity: true)
    passed = ModelRules()
  }
}

/// What decided a packet's fate.
public enum ModelVerdict: Hashable, Sendable {
  /// It was delivered.
  case delivered
  /// Its slots are answered, the network got nothing: a grant that cannot be used, or headers that
  /// cannot be read.
  case lost
  /// It changed the list of multicast addresses.
  case multicast
  /// The rule answers all of it with errors.
  case refused(ModelRule)
  /// The rule cuts the guest off.
  case fatal(ModelRule)
}

/// A rule of the TX ring, by the name that reports use.
public enum ModelRule: String, Hashable, Sendable, CaseIterable {
  /// More requests are claimed than a ring has slots.
  case producer = "tx/producer"
  /// An extra info is promised and not published.
  case missingExtra = "tx/missing-extra"
  /// An extra info of a type that nobody knows.
  case extraType = "tx/extra-type"
  /// A data slot is promised and not published.
  case missingSlot = "tx/missing-slot"
  /// So many data slots that no honest guest can mean it.
  case slotLimitFatal = "tx/slot-limit-fatal"
  /// More data slots than a packet may have.
  case slotLimit = "tx/slot-limit"
  /// A slot brings more than is left of the packet's total.
  case sizeSum = "tx/size-sum"
  /// Data runs over the end of its page.
  case pageCrossing = "tx/page-crossing"
  /// The first slot has less than an Ethernet header.
  case minimumSize = "tx/minimum-size"
  /// Segments of no octets.
  case gsoSize = "tx/gso-size"
  /// Segments of a kind that nobody knows.
  case gsoType = "tx/gso-type"
}
