import Netif
import TraceFormat
public import XenInterface
import XenRing

extension VifDevice {
  /// The keys of both ends as they stand now, without those below subdirectories of the backend.
  func storeKeys() -> [VifSnapshot.Key] {
    let ends = [("frontend", keys.frontend), ("backend", path)]
    return ends.flatMap { end, directory in
      ((try? xen.store.list(directory)) ?? []).compactMap { name in
        xen.store.value(directory + "/" + name).map { value in
          VifSnapshot.Key(name: end + "/" + name, value: value)
        }
      }
    }
  }

  /// Polls every queue once.
  ///
  /// - Returns: when it wants to be called again; `nil` when only an event can bring work.
  public func poll(now: MonotonicInstant) -> MonotonicInstant? {
    if let departure { return leave(by: departure, now: now) }
    retryTakeover(now: now)
    var next = pollControl(now: now) ? now : takeover.retry
    for (queue, port) in zip(vif.queues, ports) {
      let tx = queue.tx.poll(now: now)
      if tx.notification == .required { xen.events.notify(port.tx) }
      let rx = queue.rx.poll(now: now)
      if rx.notification == .required { xen.events.notify(port.rx) }
      if tx.hasMore || rx.hasMore { next = now }
      if let wakeUp = tx.wakeUp { next = min(next ?? wakeUp, wakeUp) }
      if let wakeUp = rx.wakeUp { next = min(next ?? wakeUp, wakeUp) }
    }
    return next
  }

  /// Hands frames of another vif's poll straight to the guest (`RxQueue.forward`).
  ///
  /// - Precondition: `Vif.takesUnchanged` holds for each of them.
  /// - Parameter queue: place of the queue, taken modulo their number.
  /// - Returns: how many were taken, the first ones.
  public func forward(_ batch: borrowing FrameBatch, queue: Int, now: MonotonicInstant) -> Int {
    let place = queue % vif.queues.count
    let poll = vif.queues[place].rx.forward(batch, now: now)
    if poll.notification == .required { xen.events.notify(ports[place].rx) }
    return poll.packets
  }

  /// - Returns: whether messages are left.
  private func pollControl(now: MonotonicInstant) -> Bool {
    guard let control = vif.control, let controlPort else { return false }
    let poll = control.poll(now: now)
    if poll.notification == .required { xen.events.notify(controlPort) }
    return poll.hasMore
  }

  /// How far the backend has come with the rings that `port` tells of; nil when it is none of this
  /// vif's.
  func progress(through port: EventChannelPort) -> EventThrottle.Progress? {
    requestsTaken(through: port).map { .init(connection: closings, requestsTaken: $0) }
  }

  private func requestsTaken(through port: EventChannelPort) -> UInt32? {
    if port == controlPort { return vif.control?.requestConsumer.rawValue }
    guard let place = ports.firstIndex(where: { $0.tx == port || $0.rx == port }) else {
      return nil
    }
    let (queue, pair) = (vif.queues[place], ports[place])
    return (pair.tx == port ? queue.tx.requestConsumer.rawValue : 0)
      &+ (pair.rx == port ? queue.rx.requestConsumer.rawValue : 0)
  }

  /// Tells the frontend of TX answers that were written outside a poll.
  public func notifyTx(queue: Int) {
    guard ports.indices.contains(queue) else { return }
    xen.events.notify(ports[queue].tx)
  }
}
