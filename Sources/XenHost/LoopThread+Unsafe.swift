internal import CLinux
internal import Glibc
internal import Synchronization
import XenInterface

/// Runs a loop on a thread of its own, which takes no signals.
///
/// Until it is started the loop is the caller's, who adds workers to it. From then on it is the
/// thread's, but for what is done to it while its workers expect that.
public final class LoopThread {
  /// The loop.
  public let loop: HostLoop
  private let bells: LoopBells
  private var thread: pthread_t?

  /// Prepares a loop, which is to have no workers yet.
  public init(_ loop: HostLoop) throws(HostError) {
    self.loop = loop
    bells = try LoopBells()
    loop.add(bells)
    loop.add(descriptor: bells.call, for: .reading, owner: bells)
  }

  deinit { end() }

  /// Starts the thread.
  public func start() throws(HostError) {
    var started = pthread_t()
    let context = unsafe Unmanaged.passRetained(LoopRun(loop: loop, bells: bells))
    // SAFETY: the thread's name lives for the call. The run is retained for the thread, which
    // releases it; when there is none, we do.
    let code = unsafe linux_thread_start(
      &started,
      { context in
        if let context = unsafe context {
          unsafe Unmanaged<LoopRun>.fromOpaque(context).takeRetainedValue().run()
        }
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      unsafe context.release()
      throw .unavailable(device: "a thread", code: code)
    }
    thread = started
  }

  /// Has the loop call all of its workers, and returns when it has.
  ///
  /// - Precondition: the thread was started, and is not ended.
  public func makeRound() {
    precondition(thread != nil)
    linux_bell_ring(bells.call)
    linux_bell_await(bells.answer)
  }

  /// Ends the thread, behind the round that it is in. The loop is the caller's again.
  public func end() {
    guard let running = thread.take() else { return }
    bells.isEnding.store(true, ordering: .relaxed)
    linux_bell_ring(bells.call)
    pthread_join(running, nil)
  }
}

/// What the thread is handed.
private final class LoopRun {
  private let loop: HostLoop
  private let bells: LoopBells

  init(loop: HostLoop, bells: LoopBells) {
    self.loop = loop
    self.bells = bells
  }

  func run() {
    _ = loop.run(until: MonotonicInstant(nanoseconds: .max), unless: bells.endRound)
  }
}

/// The first worker of a loop: a call that it hears came before all others of the round are called.
private final class LoopBells: Worker {
  /// Rung when the loop is to make a round.
  let call: Int32
  /// Rung when it has.
  let answer: Int32
  let isEnding = Atomic(false)
  /// The thread's.
  private var isCalled = false

  init() throws(HostError) {
    call = linux_bell_open()
    answer = linux_bell_open()
    let refusal = min(call, answer)
    guard refusal >= 0 else { throw .unavailable(device: "a thread's bell", code: -refusal) }
  }

  deinit { for bell in [call, answer] where bell >= 0 { Glibc.close(bell) } }

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    if linux_bell_hear(call) { isCalled = true }
    return nil
  }

  /// - Returns: whether the loop is to end.
  func endRound() -> Bool {
    if isCalled { linux_bell_ring(answer) }
    isCalled = false
    return isEnding.load(ordering: .relaxed)
  }
}
