public import XenInterface

/// A worker that serves some queues and nothing else: their rings and their ports. It has no thread,
/// no clock and no store; a loop or a thread calls it.
///
/// It shares no lock with another group. What it has of a vif besides its queues stands on a
/// `VifBoard`; its events and its grant operations go through an interface of its own.
public final class WorkerGroup: Worker {
  private let xen: DomainInterface
  private let mailbox = GroupMailbox()
  private let attend: ((WorkerGroup) -> Void)?
  private var queues: [RunningQueue] = []
  private var throttle = EventThrottle()

  /// Makes a group without queues.
  ///
  /// - Parameters:
  ///   - xen: an interface of the backend's domain that nobody else uses.
  ///   - attend: called by the one who follows the store when there is mail. It has the group's
  ///     thread take a step and returns when `hasMail` is over. Without it the group and the one who
  ///     follows the store are called by the same thread.
  public init(xen: DomainInterface, attend: ((WorkerGroup) -> Void)? = nil) {
    self.xen = xen
    self.attend = attend
  }

  /// Whether somebody waits for it to begin a step. Any thread may ask.
  public var hasMail: Bool { mailbox.hasMail }

  /// Number of queues that it serves.
  public var queueCount: Int { queues.count }

  /// Takes the events that have come and polls every queue once.
  ///
  /// - Returns: when it wants to be called again; `nil` when only an event, or mail, can bring work.
  public func step(now: MonotonicInstant) -> MonotonicInstant? {
    mailbox.read()
    let fired = throttle.begin(now: now, xen.events)
    let next = queues.poll(now: now)
    throttle.end(fired, queues, now: now, xen.events)
    return .earlier(next, throttle.wakeUp)
  }
}

// MARK: - For the one who follows the store

extension WorkerGroup {
  /// Runs `work` between two steps, on the group's thread, and returns when it is done.
  func perform(_ work: () -> Void) {
    withoutActuallyEscaping(work) { work in
      mailbox.post(work)
      if let attend { attend(self) } else { mailbox.read() }
      precondition(!hasMail)
    }
  }

  /// Takes a queue over; one whose ports cannot be bound is not taken.
  func adopt(_ queue: RunningQueue) throws(EventChannelError) {
    var result = Result<Void, EventChannelError>.success(())
    perform { result = begin(queue) }
    try result.get()
  }

  /// Takes over a queue that another group has released. When its ports cannot be bound again its guest
  /// has closed them: it is served whenever the group takes a step, and hears nothing, until its vif
  /// closes.
  func move(_ queue: RunningQueue) {
    perform {
      if case .failure = begin(queue) { take(queue) }
    }
  }

  /// Gives a queue back, its ports closed. Nobody serves it when this returns.
  func release(_ queue: RunningQueue) {
    perform {
      queue.unbind()
      queue.end?.move(to: nil)
      queues.removeAll { $0 === queue }
    }
    queue.group = nil
  }

  private func begin(_ queue: RunningQueue) -> Result<Void, EventChannelError> {
    do throws(EventChannelError) {
      try queue.bind(through: xen.events)
    } catch {
      queue.unbind()
      return .failure(error)
    }
    take(queue)
    return .success(())
  }

  private func take(_ queue: RunningQueue) {
    queue.queue.use(xen.grants)
    queue.group = self
    queues.append(queue)
    queue.end?.move(to: self)
  }
}
