public import Netif

/// What became of the cells of a rule.
public struct MatrixReport: Sendable {
  /// A cell that a backend answers otherwise than the model of the rules.
  public struct Difference: Sendable {
    /// The cell.
    public let cell: MatrixCell
    /// What the model says, as a line of an answer file.
    public let wanted: String
    /// What the backend answered.
    public let got: String
  }

  /// The rule.
  public let rule: MatrixRule
  /// Cells asked.
  public private(set) var cells = 0
  /// Those of them whose packet was delivered.
  public private(set) var delivered = 0
  /// Those whose packet was answered and not delivered.
  public private(set) var refused = 0
  /// Those whose guest was cut off.
  public private(set) var cutOff = 0
  /// Cells that the backend answers otherwise.
  public private(set) var differences: [Difference] = []
  /// Cells that the backend answers as the model says.
  public var agreed: Int { cells - differences.count }

  /// A backend that is asked: a case in, its answer out.
  public typealias Backend = (TxCase) -> CaseAnswer

  /// Asks `backend` all cells of a rule.
  public init(_ rule: MatrixRule, by profile: RuleProfile, of backend: Backend) {
    self.rule = rule
    for cell in MatrixCell.places(of: rule) where cell.gap == nil {
      ask(cell, profile, backend)
    }
  }

  private mutating func ask(_ cell: MatrixCell, _ profile: RuleProfile, _ backend: Backend) {
    let asked = cell.asked
    let wanted = ModelPlayer.answer(to: asked, by: profile)
    let got = backend(asked)
    cells += 1
    if wanted.isDisabled {
      cutOff += 1
    } else if wanted.frames.count < asked.packets {
      refused += 1
    } else {
      delivered += 1
    }
    if !got.differences(from: wanted, in: asked).isEmpty {
      differences.append(Difference(cell: cell, wanted: wanted.line, got: got.line))
    }
  }
}

extension TxCase {
  /// Packets that would reach the network if no rule stood in their way.
  fileprivate var packets: Int {
    publishes.reduce(0) { $0 + PacketShape.packets(in: $1).count { !$0.isMulticast } }
  }
}
