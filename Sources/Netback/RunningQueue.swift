import XenInterface
import XenRing

/// A connected queue and the ports that tell of it. One worker serves it at a time: the one that
/// follows the store, or a group.
final class RunningQueue {
  /// The rings.
  let queue: VifQueue
  /// What feeds it where groups serve; `nil` where others do.
  let end: (any QueueEnd)?
  /// The group that serves it; nil for the worker that follows the store. The group has it, not the
  /// other way round.
  weak var group: WorkerGroup?

  private let domain: DomainID
  private let offered: VifQueueKeys
  /// Which of its vif's connections it belongs to: Xen gives ports' numbers to others.
  private let connection: UInt32
  private var bound: Bound?

  /// Ports of ours, and what they were bound through.
  private struct Bound {
    let events: any EventChannels
    var tx: EventChannelPort
    var rx: EventChannelPort
    /// Each port once.
    var ports: [EventChannelPort] { rx == tx ? [tx] : [tx, rx] }
  }

  init(
    _ queue: VifQueue, of domain: DomainID, offered: VifQueueKeys, connection: UInt32,
    end: (any QueueEnd)?
  ) {
    self.queue = queue
    self.end = end
    self.domain = domain
    self.offered = offered
    self.connection = connection
  }

  /// Runs `work` while nobody serves the queue.
  func pause(_ work: () -> Void) { if let group { group.perform(work) } else { work() } }
}

// MARK: - For whoever serves it

extension RunningQueue {
  /// Binds to the guest's ports; each fires once by itself. What was bound when a second port could
  /// not be stays so until `unbind`.
  func bind(through events: any EventChannels) throws(EventChannelError) {
    let tx = try events.bind(to: offered.txPort, of: domain)
    bound = Bound(events: events, tx: tx, rx: tx)
    if let port = offered.rxPort { bound?.rx = try events.bind(to: port, of: domain) }
  }

  /// Lets go of the ports: the guest's can be bound again.
  func unbind() {
    guard let bound else { return }
    for port in bound.ports { bound.events.close(port) }
    self.bound = nil
  }

  /// Polls both rings once, with what the queue's end has for the guest.
  ///
  /// - Returns: when it wants to be called again; `nil` when only an event can bring work.
  func poll(now: MonotonicInstant) -> MonotonicInstant? {
    let mayHaveMore = end?.feed(queue, now: now) ?? false
    let tx = queue.tx.poll(now: now)
    if tx.notification == .required { notifyTx() }
    let rx = queue.rx.poll(now: now)
    if rx.notification == .required { notifyRx() }
    end?.rest(queue)
    if mayHaveMore || tx.hasMore || rx.hasMore { return now }
    return .earlier(tx.wakeUp, rx.wakeUp)
  }

  /// Tells the frontend of RX answers.
  func notifyRx() { if let bound { bound.events.notify(bound.rx) } }

  /// Tells the frontend of TX answers.
  func notifyTx() { if let bound { bound.events.notify(bound.tx) } }

  /// Tells the frontend that something may have happened.
  func notifyAll() {
    guard let bound else { return }
    for port in bound.ports { bound.events.notify(port) }
  }

  /// Whether `port` tells of it.
  func owns(_ port: EventChannelPort) -> Bool { bound?.ports.contains(port) ?? false }

  /// How far the backend has come with the rings that `port` tells of; nil when it is none of theirs.
  func progress(through port: EventChannelPort) -> EventThrottle.Progress? {
    guard let bound, bound.ports.contains(port) else { return nil }
    let taken =
      (bound.tx == port ? queue.tx.requestConsumer.rawValue : 0)
      &+ (bound.rx == port ? queue.rx.requestConsumer.rawValue : 0)
    return .init(connection: connection, requestsTaken: taken)
  }
}
