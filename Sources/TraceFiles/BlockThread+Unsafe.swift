internal import CLinux
internal import Glibc
public import TraceFormat

/// Has a thread of its own compress full blocks and write them, so that who records does neither.
///
/// Four blocks wait at most. A recorder that fills them faster than the thread writes them waits
/// too: memory is bounded, and nothing is lost here.
public final class BlockThread: BlockSink {
  private let queue: BlockQueue
  private var thread: pthread_t?

  /// Starts a thread that hands blocks to `packer`, which nobody else uses any more.
  ///
  /// - Throws: the operating system's error when there is no thread to be had.
  public init(_ packer: BlockPacker) throws(TransferError) {
    queue = BlockQueue(packer)
    thread = try Self.start(queue)
  }

  deinit { join() }

  /// See `BlockSink`.
  public var statistics: TraceStatistics { queue.statistics }

  /// See `BlockSink`. Waits while four blocks are not written.
  public func take(_ block: consuming TraceBlock) throws(TraceWriteError) -> TraceBlock {
    try queue.put(block)
  }

  /// See `BlockSink`.
  public func drain() throws(TraceWriteError) { try queue.drain() }

  /// See `BlockSink`. Waits until all is written.
  public func finish(_ end: consuming TraceBlock) throws(TraceWriteError) -> TraceStatistics {
    join()
    return try queue.finish(end)
  }

  private func join() {
    guard let running = thread.take() else { return }
    queue.end()
    pthread_join(running, nil)
  }

  private static func start(_ queue: BlockQueue) throws(TransferError) -> pthread_t {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(queue)
    // SAFETY: the thread's name lives for the call. The queue is retained for the
    // thread, which releases it; when there is none, we do.
    let code = unsafe linux_thread_start(
      &thread,
      { context in
        if let context = unsafe context {
          unsafe Unmanaged<BlockQueue>.fromOpaque(context).takeRetainedValue().run()
        }
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      unsafe context.release()
      throw TransferError(code: code)
    }
    return thread
  }
}

/// Blocks on their way from one thread to another. A place holds a full block, or the empty one that
/// came back for it.
@safe private final class BlockQueue {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Used by the thread, and by its owner once it has ended.
  private let packer: BlockPacker
  private var places = InlineArray<4, TraceBlock?> { _ in nil }
  /// Blocks put in and blocks written, since the beginning.
  private var put = 0
  private var done = 0
  private var isEnding = false
  private var failure: TraceWriteError?
  private var written: TraceStatistics

  init(_ packer: BlockPacker) {
    self.packer = packer
    written = packer.statistics
    // SAFETY: both are ours, initialised before anybody else knows the queue.
    unsafe pthread_mutex_init(lock, nil)
    unsafe pthread_cond_init(changed, nil)
  }

  deinit {
    // SAFETY: initialised above; nobody waits, for nobody knows the queue any more.
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(lock)
    unsafe changed.deallocate()
    unsafe lock.deallocate()
  }

  var statistics: TraceStatistics { locked { written } }

  func put(_ block: consuming TraceBlock) throws(TraceWriteError) -> TraceBlock {
    acquire()
    defer { release() }
    while failure == nil, put - done == places.count { wait() }
    if let failure { throw failure }
    let empty = places[put % places.count].take() ?? TraceBlock()
    places[put % places.count] = consume block
    put += 1
    return empty
  }

  func drain() throws(TraceWriteError) {
    acquire()
    defer { release() }
    while failure == nil, put != done { wait() }
    if let failure { throw failure }
  }

  func end() { locked { isEnding = true } }

  /// - Precondition: the thread has ended.
  func finish(_ end: consuming TraceBlock) throws(TraceWriteError) -> TraceStatistics {
    if let failure { throw failure }
    return try packer.finish(end)
  }

  /// The thread's work: ends when all is written, or cannot be.
  func run() {
    while let block = next() {
      do throws(TraceWriteError) { giveBack(try packer.take(block)) } catch {
        return locked { failure = error }
      }
    }
  }

  private func next() -> TraceBlock? {
    acquire()
    defer { release() }
    while put == done, !isEnding { wait() }
    return put == done ? nil : places[done % places.count].take()
  }

  private func giveBack(_ block: consuming TraceBlock) {
    acquire()
    places[done % places.count] = consume block
    done += 1
    written = packer.statistics
    release()
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    acquire()
    defer { release() }
    return body()
  }

  // SAFETY: mutex and condition are initialised for as long as the queue lives.
  private func acquire() { unsafe pthread_mutex_lock(lock) }
  private func wait() { unsafe pthread_cond_wait(changed, lock) }
  private func release() {
    unsafe pthread_cond_signal(changed)
    unsafe pthread_mutex_unlock(lock)
  }
}

// SAFETY: what changes is reached under the lock; the packer by one thread at a time.
extension BlockQueue: @unchecked Sendable {}
