/// Something to ask a backend about.
///
/// There are three sets: `TxCase`, `RxCase` and `ControlCase`. Each has its answers, its player and
/// its stored cases; files and comparisons are the same for all.
public protocol RingCase: Sendable {
  /// What a backend does with it.
  associatedtype Answer: RingAnswer where Answer.Asked == Self
  /// What plays it.
  associatedtype Player: CasePlayer where Player.Asked == Self

  /// Unique, without spaces.
  var name: String { get }
  /// Whether ours refuses on purpose what Linux does: such cases are asked, but not compared.
  var isStricterHere: Bool { get }
  /// The cases of the stored answers: those with a name and those from a seed.
  static var stored: [Self] { get }
  /// What the stored cases were made from.
  static var origin: String { get }
}

extension RingCase {
  /// Most cases are compared.
  public var isStricterHere: Bool { false }
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
