internal import XenInterface

/// What a group has to do.
public struct GroupLoad: Hashable, Sendable {
  /// Queues that it serves.
  public var queues: Int
  /// Packets that have crossed these, both ways, whoever served them then.
  public var packets: UInt64

  /// Describes a load.
  public init(queues: Int, packets: UInt64) {
    self.queues = queues
    self.packets = packets
  }
}

/// The groups of a backend, as the worker that follows the store uses them: it hands queues to them
/// when a vif connects, and takes them back, before anything else is done to them, when it closes.
public final class WorkerPool {
  /// The groups.
  public let groups: [WorkerGroup]
  private var places: WorkerGroups<ObjectIdentifier>
  private var queues: [ObjectIdentifier: RunningQueue] = [:]

  /// Makes a pool of groups that serve nothing yet; one at least.
  public init(groups: [WorkerGroup]) {
    precondition(!groups.isEmpty)
    self.groups = groups
    places = WorkerGroups(count: groups.count)
  }

  /// What each group has to do, in their order.
  public var loads: [GroupLoad] {
    places.queues.map { names in
      let served = names.compactMap { queues[$0]?.queue }
      return GroupLoad(
        queues: served.count, packets: served.reduce(0) { $0 &+ $1.packetCount })
    }
  }

  /// Has the group with the fewest queues serve one more.
  func serve(_ queue: RunningQueue) throws(EventChannelError) {
    let name = ObjectIdentifier(queue)
    let group = places.connect(name)
    do throws(EventChannelError) { try groups[group].adopt(queue) } catch {
      _ = places.disconnect([name])
      throw error
    }
    queues[name] = queue
  }

  /// Takes queues back. Others move to where they were.
  func release(_ leaving: [RunningQueue]) {
    for queue in leaving { queue.group?.release(queue) }
    let names = leaving.map { ObjectIdentifier($0) }
    for name in names { queues[name] = nil }
    for move in places.disconnect(names) { follow(move) }
  }

  private func follow(_ move: WorkerGroups<ObjectIdentifier>.Move) {
    guard let queue = queues[move.queue] else { return }
    groups[move.from].release(queue)
    groups[move.to].move(queue)
  }
}
