public import Netback
public import XenHost
public import XenInterface

/// Groups of workers, each on a thread of its own, with a loop, event channels and grants of its own.
public final class WorkerThreads {
  /// The groups, for vifs whose queues they are to serve.
  public let pool: WorkerPool
  private let threads: [LoopThread]

  /// Starts threads.
  ///
  /// - Parameters:
  ///   - count: how many; one at least.
  ///   - connect: makes the interface of the backend's domain that is a group's alone.
  public init(
    count: Int, connect: (HostLoop) throws(HostError) -> DomainInterface = HostXen.connect
  ) throws(HostError) {
    var threads: [LoopThread] = []
    var groups: [WorkerGroup] = []
    for _ in 0..<count {
      let thread = try LoopThread(HostLoop())
      let group = WorkerGroup(xen: try connect(thread.loop)) { _ in thread.makeRound() }
      thread.loop.add(group)
      threads.append(thread)
      groups.append(group)
    }
    pool = WorkerPool(groups: groups)
    self.threads = threads
    for thread in threads { try thread.start() }
  }

  deinit { end() }

  /// The loop of a group of these, for what the group is to be woken by.
  func loop(of group: WorkerGroup) -> HostLoop? {
    pool.groups.firstIndex { $0 === group }.map { threads[$0].loop }
  }

  /// Ends the threads, each behind the round that it is in. Queues that are still served stay as they are,
  /// and no vif can be closed any more.
  public func end() {
    for (thread, group) in zip(threads, pool.groups) {
      thread.end()
      thread.loop.remove(group)
    }
  }
}
