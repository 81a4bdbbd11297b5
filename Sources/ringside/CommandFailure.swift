/// How a verb that did not end well ends; usage errors are ArgumentParser's, with code 64.
enum ExitStatus: Int32 {
  /// A finding, a divergence or a failed rule.
  case finding = 1
  /// An input file is not ours, or corrupt inside.
  case badInput = 2
  /// This machine lacks what it takes.
  case missing = 3
  /// The system refused: no permission, no such vif, disk full.
  case refused = 4
}

/// Why a verb ends early: the exit code and one line that says what, where and what to do.
struct CommandFailure: Error {
  var status: ExitStatus
  var message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }
}
