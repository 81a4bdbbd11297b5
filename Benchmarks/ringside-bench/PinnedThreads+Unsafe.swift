import CBenchReference
import Glibc
import Synchronization

/// Threads that begin at the same moment, each on a processor of its own.
enum PinnedThreads {
  /// Runs each work on its processor, all at once, and returns when all are done.
  static func run(_ works: [(processor: Int, work: () -> Void)]) {
    let line = StartingLine(works.count)
    let threads = works.map { PinnedWork($0.work, on: $0.processor, line).begin() }
    for thread in threads { pthread_join(thread, nil) }
  }
}

/// Where threads wait until all are there.
private final class StartingLine: Sendable {
  private let missing: Atomic<Int>

  init(_ count: Int) { missing = Atomic(count) }

  func wait() {
    missing.subtract(1, ordering: .acquiringAndReleasing)
    while missing.load(ordering: .acquiring) > 0 {}
  }
}

/// What one thread does.
private final class PinnedWork {
  private let work: () -> Void
  private let processor: Int
  private let line: StartingLine

  init(_ work: @escaping () -> Void, on processor: Int, _ line: StartingLine) {
    self.work = work
    self.processor = processor
    self.line = line
  }

  func begin() -> pthread_t {
    var thread = pthread_t()
    // SAFETY: retained for the thread, which releases it. Nobody else uses the object or what its work
    // holds until the thread is joined.
    let context = unsafe Unmanaged.passRetained(self)
    let code = unsafe pthread_create(
      &thread, nil,
      { context in
        if let context = unsafe context {
          unsafe Unmanaged<PinnedWork>.fromOpaque(context).takeRetainedValue().run()
        }
        return nil
      }, context.toOpaque())
    precondition(code == 0)
    return thread
  }

  private func run() {
    precondition(bench_pin(UInt32(processor)) == 0)
    line.wait()
    work()
  }
}
