import Glibc

/// Which processor time counts: on a shared machine it says more than the clock on the wall.
enum ProcessorTime {
  /// That of the calling thread.
  case thread
  /// That of all threads of the process.
  case process

  /// Seconds used so far.
  var seconds: Double {
    var time = timespec()
    // SAFETY: the structure is ours and lives for the call.
    unsafe clock_gettime(
      self == .thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Seconds that `body` uses.
  func measure(_ body: () throws -> Void) rethrows -> Double {
    let start = seconds
    try body()
    return seconds - start
  }
}
