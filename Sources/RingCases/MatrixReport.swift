public import Netif

/// A cell that a backend answers otherwise than the model of the rules.
public struct MatrixDifference: Sendable {
  /// The cell.
  public let cell: MatrixCell
  /// What the model says, as a line of an answer file.
  public let wanted: String
  /// What the backend answered.
  public let got: String
}

/// What became of the cells of a rule.
public struct MatrixReport: Sendable {
  /// A backend that is asked: a case in, its answer out.
  public typealias Backend = (TxCase) -> CaseAnswer

  /// The rule.
  public let rule: MatrixRule
  /// Cells asked.
  public private(set) var cells = 0
  /// Those of them whose packets were all delivered, as the model says.
  public private(set) var delivered = 0
  /// Those of which a packet was answered and not delivered.
  public private(set) var refused = 0
  /// Those whose guest was cut off.
  public private(set) var cutOff = 0
  /// Cells that the backend answers otherwise.
  public private(set) var differences: [MatrixDifference] = []
  /// Cells that the backend answers as the model says.
  public var agreed: Int { cells - differences.count }

  /// Asks `backend` all cells of a rule.
  public init(_ rule: MatrixRule, by profile: RuleProfile, of backend: Backend) {
    self.rule = rule
    for cell in MatrixCell.all(of: rule) {
      let asked = cell.asked
      let wanted = ModelPlayer.answer(to: asked, by: profile)
      count(wanted, to: asked)
      if let difference = cell.difference(wanted, backend(asked)) {
        differences.append(difference)
      }
    }
  }

  private mutating func count(_ wanted: CaseAnswer, to asked: TxCase) {
    cells += 1
    if wanted.isDisabled {
      cutOff += 1
    } else if wanted.frames.count < asked.packets {
      refused += 1
    } else {
      delivered += 1
    }
  }
}

extension MatrixCell {
  /// How `backend` answers this cell otherwise than the model of the rules; `nil` where it does not.
  public func difference(
    by profile: RuleProfile, of backend: MatrixReport.Backend
  ) -> MatrixDifference? {
    let asked = asked
    return difference(ModelPlayer.answer(to: asked, by: profile), backend(asked))
  }

  /// Nothing is left to chance here: the answers must be the same to the last slot.
  fileprivate func difference(_ wanted: CaseAnswer, _ got: CaseAnswer) -> MatrixDifference? {
    guard got != wanted else { return nil }
    return MatrixDifference(cell: self, wanted: wanted.line, got: got.line)
  }
}

extension TxCase {
  /// Packets that would reach the network if no rule stood in their way.
  fileprivate var packets: Int {
    publishes.reduce(0) { $0 + PacketShape.packets(in: $1).count { !$0.isMulticast } }
  }
}
