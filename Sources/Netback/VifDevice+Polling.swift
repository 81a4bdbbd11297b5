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

  /// Polls the control ring and every queue that no group serves once.
  ///
  /// - Returns: when it wants to be called again; `nil` when only an event can bring work.
  public func poll(now: MonotonicInstant) -> MonotonicInstant? {
    if let departure { return leave(by: departure, now: now) }
    retryTakeover(now: now)
    let next = pollControl(now: now) ? now : takeover.retry
    return pool == nil ? .earlier(next, running.poll(now: now)) : next
  }

  /// Hands frames of another vif's poll straight to the guest (`RxQueue.forward`).
  ///
  /// - Precondition: `Vif.takesUnchanged` holds for each of them.
  /// - Parameters:
  ///   - batch: the other vif's frames.
  ///   - queue: place of the queue, taken modulo their number.
  ///   - now: the time by the clock of the worker's loop.
  /// - Returns: how many were taken, the first ones; none where groups serve the queues.
  public func forward(_ batch: borrowing FrameBatch, queue: Int, now: MonotonicInstant) -> Int {
    guard pool == nil else { return 0 }
    let running = running[queue % running.count]
    let poll = running.queue.rx.forward(batch, now: now)
    if poll.notification == .required { running.notifyRx() }
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
    if port == controlPort, let control = vif.control {
      return .init(connection: closings, requestsTaken: control.requestConsumer.rawValue)
    }
    guard pool == nil else { return nil }
    return running.lazy.compactMap { $0.progress(through: port) }.first
  }

  /// Tells the frontend of TX answers that were written outside a poll.
  public func notifyTx(queue: Int) {
    guard running.indices.contains(queue) else { return }
    running[queue].pause { running[queue].notifyTx() }
  }
}
