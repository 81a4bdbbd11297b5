public import XenInterface

/// What is at the other end of one queue of a vif, where a group serves the queue: it brings frames for
/// the guest, and goes with its queue from group to group.
///
/// While a queue changes hands, whoever follows the store waits: `move` may touch what is theirs.
public protocol QueueEnd: AnyObject {
  /// The queue is connected and will be served; `close` is called when it is no more. Both are called
  /// by the worker that follows the store, while nobody serves the queue.
  ///
  /// - Throws: `VifError.noEnd` when that is not possible; the vif is not connected then.
  func open() throws(VifError)

  /// The queue is let go of. Called twice, or without `open`, it does nothing.
  func close()

  /// `group` serves the queue from now on, or no group does any more. Called, like all that follows, on
  /// the thread of the group that begins or ends.
  func move(to group: WorkerGroup?)

  /// Hands waiting frames to the queue, as many as it has room for: before each poll.
  ///
  /// - Returns: whether more may be waiting.
  func feed(_ queue: VifQueue, now: MonotonicInstant) -> Bool

  /// The queue was polled, and the group may sleep: what comes where there is room has to wake it.
  func rest(_ queue: VifQueue)
}
