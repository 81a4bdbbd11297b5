public import Netif
import XenInterface
public import XenRing

/// One slot that a case writes. Its id is set when it is played: the slot's distance from the
/// case's start, so that every answer names its request.
public struct CaseSlot: Sendable {
  /// The words, but for the id and, where `grant` is given, the reference.
  public var words: SlotWords
  /// What the reference is to be; `nil` for extra infos and other raw words.
  public var grant: CaseGrant?

  /// Raw words.
  public init(raw words: SlotWords) {
    self.words = words
    grant = nil
  }

  /// A data request.
  public init(_ grant: CaseGrant, offset: UInt16 = 0, size: UInt16, flags: TxFlags = []) {
    words =
      TxRequest(
        grant: GrantReference(rawValue: 0), offset: offset, flags: flags, id: 0, size: size
      ).words
    self.grant = grant
  }

  /// The words taken as a data request.
  public var request: TxRequest {
    get { TxRequest(words: words) }
    set { words = newValue.words }
  }

  /// The words as they go into the ring.
  func resolved(id: UInt16, grant reference: (CaseGrant) -> UInt32) -> SlotWords {
    var words = words
    if let grant { words[0] = reference(grant) }
    words[2] = words[2] & 0xffff_0000 | UInt32(id)
    return words
  }
}

/// What a case does next.
public enum CaseStep: Sendable {
  /// Writes slots, publishes a producer this far beyond them (0: honest), sends an event and waits
  /// until the backend rests.
  case publish([CaseSlot], beyond: UInt32)
  /// Lets time pass, then notes how many answers stand in the ring.
  case pause(milliseconds: UInt32)
  /// Closes the frontend and connects again on fresh rings.
  case reconnect
  /// Writes another `rate` key. Only for a case that has a rate.
  case changeRate(CaseRate)
}

/// A sequence of TX slots to ask a backend about.
public struct TxCase: RingCase {
  /// See `RingCase`.
  public typealias Answer = CaseAnswer
  /// See `RingCase`.
  public typealias Player = TxPlayer
  /// See `RingCase`.
  public typealias Generator = CaseGenerator

  /// Unique, without spaces.
  public var name: String
  /// Index at which a fresh ring starts; `nil` when the case may go on in the ring of the one before.
  public var start: RingIndex?
  /// The `rate` key: octets and microseconds.
  public var rate: CaseRate?
  /// Whether the frontend says that it can do nothing special.
  public var hidesFeatures = false
  /// What happens.
  public var steps: [CaseStep]

  /// Describes a case.
  public init(_ name: String, start: UInt32? = nil, rate: CaseRate? = nil, _ steps: [CaseStep]) {
    self.name = name
    self.start = start.map(RingIndex.init)
    self.rate = rate
    self.steps = steps
  }

  /// The slots of all publishes.
  public var publishes: [[CaseSlot]] {
    steps.compactMap { if case .publish(let slots, _) = $0 { slots } else { nil } }
  }
}

/// What a queue may send: the `rate` key of a backend's directory.
public struct CaseRate: Hashable, Sendable {
  /// Octets per window.
  public var bytes: UInt64
  /// Length of a window.
  public var microseconds: UInt64

  /// Describes a rate.
  public init(bytes: UInt64, microseconds: UInt64) {
    self.bytes = bytes
    self.microseconds = microseconds
  }

  /// The key's value.
  var key: String { "\(bytes),\(microseconds)" }
}

extension TxCase {
  /// See `RingCase`.
  public static var named: [TxCase] { NamedCases.all }
}
