public import XenInterface

/// An answer that the simulated hypervisor gives instead of doing what it was asked.
public struct GrantLie: Hashable, Sendable {
  /// Which kind of operation is lied about.
  public enum Operation: Hashable, Sendable {
    /// Grant copies, in the order in which they stand in their batches.
    case copy
    /// Mapped pages, in the order in which they are asked for.
    case map
  }

  /// What is answered. The operation is not done.
  public enum Answer: Hashable, Sendable {
    /// This status, which may be one that Xen does not know (+1: XSA-316).
    case status(GrantStatus)
    /// Nothing: the status stays as the caller filled it (XSA-318).
    case unwritten
    /// Nothing, for this operation and the rest of its batch.
    case endOfBatch
  }

  /// Which kind of operation is lied about.
  public var operation: Operation
  /// Which one of them, counted from 0 since the lies were told.
  public var number: Int
  /// What is answered.
  public var answer: Answer

  /// Describes one lie.
  public init(_ operation: Operation, number: Int, answer: Answer) {
    self.operation = operation
    self.number = number
    self.answer = answer
  }
}

/// The lies that are still to be told.
struct GrantScript {
  private var answers: [GrantLie.Operation: [Int: GrantLie.Answer]] = [:]
  private var done: [GrantLie.Operation: Int] = [:]

  init(_ lies: [GrantLie] = []) {
    for lie in lies { answers[lie.operation, default: [:]][lie.number] = lie.answer }
  }

  /// What to do with the next operation; `nil`: what was asked.
  mutating func next(_ operation: GrantLie.Operation) -> GrantLie.Answer? {
    guard let lies = answers[operation] else { return nil }
    let number = done[operation, default: 0]
    done[operation] = number + 1
    return lies[number]
  }

  /// Counts operations of a batch that ended early.
  mutating func skip(_ count: Int, _ operation: GrantLie.Operation) {
    done[operation, default: 0] += count
  }
}

extension GrantLie.Answer {
  /// The status that the caller of a call with a single answer sees.
  var status: GrantStatus {
    switch self {
    case .status(let status): status
    case .unwritten, .endOfBatch: .unwritten
    }
  }
}
