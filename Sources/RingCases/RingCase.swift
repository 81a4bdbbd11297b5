public import Netif
public import XenRing

/// Something to ask a backend about.
///
/// There are three sets: `TxCase`, `RxCase` and `ControlCase`. Each has its answers, its player and
/// its stored cases; files and comparisons are the same for all.
public protocol RingCase: Sendable {
  /// What a backend does with it.
  associatedtype Answer: RingAnswer where Answer.Asked == Self
  /// What plays it.
  associatedtype Player: CasePlayer where Player.Asked == Self
  /// What makes cases from a seed.
  associatedtype Generator: CaseGenerating where Generator.Asked == Self

  /// Unique, without spaces.
  var name: String { get set }
  /// Index at which a fresh ring starts; `nil` when the case may go on in the ring of the one before.
  var start: RingIndex? { get set }
  /// Whether ours refuses on purpose what Linux does: such cases are asked, but not compared.
  var isStricterHere: Bool { get }
  /// What must come of it, by the model of the rules.
  func modelled(by profile: RuleProfile) -> Answer
  /// The cases with a name of their own.
  static var named: [Self] { get }
  /// Those of them that are asked behind all others; in most sets none.
  static var last: [Self] { get }
}

extension RingCase {
  /// Most cases are compared.
  public var isStricterHere: Bool { false }
  /// Most sets need no order.
  public static var last: [Self] { [] }

  /// The cases of the stored answers: those with a name and those from a seed.
  public static var stored: [Self] {
    var generator = Generator(seed: Generator.storedSeed)
    return named + generator.cases(Generator.storedCount) + last
  }

  /// What the stored cases were made from.
  public static var origin: String {
    "seed \(Generator.storedSeed), \(Generator.storedCount) random cases"
  }

  /// The case on a ring whose indices start so many slots below 2³².
  func wrapping(behind slots: UInt32) -> Self {
    var copy = self
    copy.name += "/wrap"
    copy.start = RingIndex(rawValue: 0 &- slots)
    return copy
  }
}

/// Makes cases from a seed: the same ones on every machine.
public protocol CaseGenerating<Asked> {
  /// What it makes.
  associatedtype Asked

  /// The seed of the stored answers.
  static var storedSeed: UInt64 { get }
  /// Number of random cases beside the stored answers.
  static var storedCount: Int { get }
  /// Starts at a seed.
  init(seed: UInt64)
  /// The next `count` cases.
  mutating func cases(_ count: Int) -> [Asked]
}

/// How a backend answered a case.
public protocol RingAnswer: Hashable, Sendable {
  /// What it answers.
  associatedtype Asked

  /// The answer as the fields of a line, behind the name.
  var line: String { get }
  /// Reads the fields of a line, behind the name; `nil` when it is not one.
  init?(line: some StringProtocol)
  /// How it differs from another backend's answer to the same case; not at all when empty.
  func differences(from other: Self, in asked: Asked) -> [AnswerDifference]
}

/// Plays cases as a guest, through the frontend, against any backend of either world.
public protocol CasePlayer<Asked>: AnyObject {
  /// What it plays.
  associatedtype Asked: RingCase

  /// Plays on `vif`, which nobody else uses.
  init(on vif: CaseVif) throws(CaseError)
  /// Plays one case.
  func play(_ asked: Asked) throws(CaseError) -> Asked.Answer
}
