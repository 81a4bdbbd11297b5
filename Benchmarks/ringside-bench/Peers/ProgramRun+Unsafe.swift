import Foundation

// Unsafe because spawning takes C strings; each lives for the length of its call.

/// A program that ran to its end, and what that took.
struct ProgramRun {
  /// On the wall.
  private(set) var seconds = 0.0
  /// Of processors, its children's among it.
  private(set) var processor = 0.0
  /// What it printed, where that was asked for.
  private(set) var output = ""

  /// Runs a program.
  ///
  /// - Parameters:
  ///   - arguments: the program, found as a shell does, and its arguments.
  ///   - output: where what it prints goes; nowhere unless told.
  ///   - environment: in addition to ours.
  /// - Throws: `PeerFault` when it is not there, or does not end with 0.
  init(
    _ arguments: [String], output: URL? = nil, environment: [String: String] = [:]
  ) throws {
    let clock = ContinuousClock()
    let start = clock.now
    let process = try Self.spawn(arguments, output?.path ?? "/dev/null", environment)
    var (status, usage) = (Int32(0), rusage())
    // SAFETY: both live for the call, which fills them.
    while unsafe wait4(process, &status, 0, &usage) < 0 && errno == EINTR {}
    seconds = (clock.now - start) / .seconds(1)
    processor = usage.ru_utime.seconds + usage.ru_stime.seconds
    if let output { self.output = String(decoding: try Data(contentsOf: output), as: UTF8.self) }
    guard status == 0 else { throw PeerFault.failed(arguments[0], status, self.output) }
  }

  private static func spawn(
    _ arguments: [String], _ output: String, _ environment: [String: String]
  ) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    var process = pid_t()
    let words = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
    var envp = unsafe words.map { unsafe strdup("\($0)=\($1)") } + [nil]
    defer {
      unsafe (argv + envp).forEach { unsafe free($0) }
      unsafe posix_spawn_file_actions_destroy(&actions)
    }
    // SAFETY: the structure and all strings live until the end of this function.
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(
      &actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
    guard unsafe posix_spawnp(&process, arguments[0], &actions, nil, &argv, &envp) == 0 else {
      throw PeerFault.absent(arguments[0])
    }
    return process
  }

  /// A program in the folder of this one.
  static func beside(_ name: String) -> String {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: name).path
  }
}

extension timeval {
  fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) * 1e-6 }
}

/// Why a peer is not measured.
enum PeerFault: Error, CustomStringConvertible {
  /// There is no such program.
  case absent(String)
  /// It ended otherwise than with 0; what it printed.
  case failed(String, Int32, String)
  /// It did not answer as it should.
  case silent(String)
  /// It did other work than ours.
  case different(String)
  /// The machine lacks what it needs.
  case needs(String)

  /// Whether it is about the machine, not about what was measured.
  var isLack: Bool {
    switch self {
    case .absent, .needs: true
    case .failed, .silent, .different: false
    }
  }

  /// One line.
  var description: String {
    switch self {
    case .absent(let program): "\(program) is not installed (Scripts/install bench)"
    case .failed(let program, let status, let output):
      "\(program) ended with status \(status)"
        + (output.split(separator: "\n").last.map { ": \($0)" } ?? "")
    case .silent(let what), .different(let what): what
    case .needs(let what): "needs \(what)"
    }
  }
}
