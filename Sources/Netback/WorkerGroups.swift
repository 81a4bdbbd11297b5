/// Which group serves which queue: a new one goes where the fewest are, and when some have gone the
/// others move until no group has two more than another.
///
/// It is a value and decides by itself: the same changes in the same order give the same groups.
public struct WorkerGroups<Queue: Hashable & Sendable>: Sendable {
  /// A queue that changes its group.
  public struct Move: Hashable, Sendable {
    /// The queue.
    public var queue: Queue
    /// Number of the group that has it.
    public var from: Int
    /// Number of the group that gets it.
    public var to: Int
  }

  /// The queues of each group, in the order in which they came to it.
  public private(set) var queues: [[Queue]]

  /// Makes groups without queues; one at least.
  public init(count: Int) { queues = Array(repeating: [], count: max(1, count)) }

  /// Number of the group that serves `queue`; nil when none does.
  public func group(of queue: Queue) -> Int? { queues.firstIndex { $0.contains(queue) } }

  /// Takes a queue into the group that has the fewest, the first of these.
  ///
  /// - Precondition: no group has it.
  /// - Returns: the group's number.
  public mutating func connect(_ queue: Queue) -> Int {
    precondition(group(of: queue) == nil)
    let group = emptiest
    queues[group].append(queue)
    return group
  }

  /// Takes queues out; those that no group has are passed over.
  ///
  /// - Returns: the moves that make up for it, no more than queues that went.
  public mutating func disconnect(_ leaving: some Sequence<Queue>) -> [Move] {
    let leaving = Set(leaving)
    for group in queues.indices { queues[group].removeAll { leaving.contains($0) } }
    var moves: [Move] = []
    while queues[fullest].count > queues[emptiest].count + 1 { moves.append(move()) }
    return moves
  }

  private mutating func move() -> Move {
    let (from, to) = (fullest, emptiest)
    // The one that came last has the least to lose.
    let queue = queues[from].removeLast()
    queues[to].append(queue)
    return Move(queue: queue, from: from, to: to)
  }

  private var emptiest: Int {
    queues.indices.reduce(0) { queues[$1].count < queues[$0].count ? $1 : $0 }
  }

  private var fullest: Int {
    queues.indices.reduce(0) { queues[$1].count > queues[$0].count ? $1 : $0 }
  }
}
