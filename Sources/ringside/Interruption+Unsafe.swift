internal import Glibc
internal import Synchronization

/// Ctrl-C and SIGTERM, and SIGUSR1, as flags to be looked at.
enum Interruption {
  private static let flag = Atomic(false)
  private static let inquiry = Atomic(false)

  /// Whether somebody asked for an end since `watch`.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Whether SIGUSR1 has come; it is answered with this.
  static func takeInquiry() -> Bool { inquiry.exchange(false, ordering: .relaxed) }

  /// Takes SIGUSR1 from now on as a question for statistics.
  static func watchInquiries() {
    inquiry.store(false, ordering: .relaxed)  // makes the flag before a signal can come
    signal(SIGUSR1) { _ in Interruption.inquiry.store(true, ordering: .relaxed) }
    unblock([SIGUSR1])
  }

  /// Whether there is something to do about a signal.
  static var isPending: Bool { isRequested || inquiry.load(ordering: .relaxed) }

  /// Takes both signals from now on: the first asks for a clean end, a second one ends at once.
  static func watch() {
    unblock([SIGINT, SIGTERM])
    flag.store(false, ordering: .relaxed)  // makes the flag before a signal can come
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// A parent may have left signals blocked.
  private static func unblock(_ signals: [Int32]) {
    var set = sigset_t()
    // SAFETY: the set is ours and lives for the calls.
    unsafe sigemptyset(&set)
    for number in signals { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}

/// Waiting, which a signal cuts short.
enum Pause {
  /// Sleeps for less than a second.
  static func milliseconds(_ count: Int) { nanoseconds(count * 1_000_000) }

  /// Sleeps for less than a second.
  static func nanoseconds(_ count: Int) {
    var time = timespec(tv_sec: 0, tv_nsec: count)
    // SAFETY: the structure is ours and lives for the call; what is left after a signal is not asked.
    unsafe nanosleep(&time, nil)
  }
}
