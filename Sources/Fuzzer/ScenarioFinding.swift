/// What a backend did that it must not.
public enum ScenarioFinding: Error, Hashable, Sendable {
  /// The guest ought to be cut off, and is not; or the other way round.
  case cutOff(wanted: Bool)
  /// A word of an answer: of the slot so many behind the start.
  case answer(ScenarioRing, slot: UInt32, word: UInt8, wanted: UInt32, got: UInt32)
  /// How many answers there are in all.
  case answers(ScenarioRing, wanted: UInt32, got: UInt32)
  /// A slot of which a word was written that is no part of an answer.
  case touched(ScenarioRing, slot: UInt32, word: UInt8)
  /// A word of a slot was read twice; by its place in the page.
  case readTwice(ScenarioRing, place: Int)
  /// A frame that differs from what the guest's pages held, by its place.
  case frame(Int)
  /// A page of the guest's that is not as it ought to be.
  case page(Int)
  /// The queue that a frame goes to.
  case queue(wanted: Int, got: Int)
  /// What the guest has set on the control ring is not what holds.
  case hash
  /// Whether the guest was told of answers.
  case notification(ScenarioRing, wanted: Bool)
  /// A ring's work does not end.
  case endless(ScenarioRing)
  /// More grant operations than its requests are worth.
  case operations(ScenarioRing, most: Int, got: Int)
  /// More pages of the guest's are mapped than frames that are held have.
  case mapped(most: Int, got: Int)
  /// In a vif's life on xenbus.
  case xenbus(LifeFault)
  /// The process that played it came to an end, which says why.
  case ended(String)

  /// Findings with the same signature are taken for the same.
  public var signature: String {
    switch self {
    case .cutOff(let wanted): wanted ? "not cut off" : "cut off"
    case .answer(let ring, _, let word, let wanted, let got):
      Self.status(got) == Self.status(wanted)
        ? "\(ring) answer differs in word \(word)"
        : "\(ring) answer \(Self.status(got)), not \(Self.status(wanted))"
    case .answers(let ring, let wanted, let got):
      "\(ring) answers \(got < wanted ? "missing" : "too many")"
    case .touched(let ring, _, let word): "\(ring) word \(word) of a slot written"
    case .readTwice(let ring, _): "\(ring) slot read twice"
    case .frame: "frame differs"
    case .page: "page differs"
    case .queue: "frame for another queue"
    case .hash: "hash settings differ"
    case .notification(let ring, let wanted): "\(ring) \(wanted ? "not told" : "told for nothing")"
    case .endless(let ring): "\(ring) work without end"
    case .operations(let ring, _, _): "\(ring) grant operations"
    case .mapped: "pages left mapped"
    case .xenbus(let fault): "xenbus: \(fault.signature)"
    case .ended(let words): words
    }
  }

  private static func status(_ word: UInt32) -> Int16 { Int16(truncatingIfNeeded: word >> 16) }
}

extension ScenarioFinding: CustomStringConvertible {
  /// What was found, and where.
  public var description: String {
    switch self {
    case .cutOff, .notification, .endless, .hash, .ended: signature
    case .xenbus(let fault): "xenbus: \(fault.description)"
    case .queue(let wanted, let got): "\(signature): \(got), not \(wanted)"
    case .answer(_, let slot, _, _, _): "\(signature), of slot \(slot)"
    case .answers(_, let wanted, let got): "\(signature): \(got), not \(wanted)"
    case .touched(_, let slot, _): "\(signature): of slot \(slot)"
    case .readTwice(_, let place): "\(signature): word \(place) of the page"
    case .frame(let place): "\(signature): number \(place)"
    case .page(let page): "\(signature): number \(page)"
    case .operations(_, let most, let got), .mapped(let most, let got):
      "\(signature): \(got), not \(most) at most"
    }
  }
}

/// A finding, and where a scenario came to it.
public struct ScenarioFailure: Error, Hashable, Sendable {
  /// The step, from 0.
  public var step: Int
  /// What was found.
  public var finding: ScenarioFinding

  /// Describes a failure.
  public init(step: Int, finding: ScenarioFinding) {
    self.step = step
    self.finding = finding
  }
}
