internal import KernelTap
internal import Recorder
internal import XenInterface

extension Capture {
  /// Records a vif of the running kernel's netback.
  func record(
    _ vif: VifName, _ description: TapRecorder.Description, _ options: RecordingOptions,
    into files: any RecordingFiles, bufferOctets: UInt32
  ) throws(CommandFailure) -> RecorderReport {
    let recorder = try taking { () throws in
      try KernelRecorder(
        domain: vif.domain, handle: vif.handle, describedBy: description, options: options,
        into: files, bufferOctets: bufferOctets)
    }
    if let fault = recorder.controlFault {
      Console.note("the control ring is not recorded: \(fault)")
    }
    Console.note("recording \(vif.name) to \(name); Ctrl-C ends it")
    try run(recorder.recording) { () throws(CommandFailure) in
      // A wake costs as much as a hundred records; the buffer's room is for longer.
      Pause.milliseconds(10)
      return try taking { () throws in try recorder.step(now: elapsed) }
    }
    return try taking { () throws in try recorder.finish() }
  }

  private func taking<Result>(
    _ body: () throws -> Result
  ) throws(CommandFailure) -> Result {
    do { return try body() } catch { throw failure(any: error) }
  }

  /// The line and the exit code for what went wrong with a recorder of the kernel's netback.
  func failure(any error: any Error) -> CommandFailure {
    switch error {
    case let error as RecorderError: failure(error)
    case let error as KernelTapError: CommandFailure(error.status, error.description)
    default: CommandFailure(.refused, "\(error)")
    }
  }
}

extension KernelTapError {
  /// How the command is to end.
  fileprivate var status: ExitStatus {
    switch self {
    case .libraryMissing, .typesMissing, .functionMissing, .fieldMissing: .missing
    case .notPermitted, .refused: .refused
    case .undecodable: .finding
    }
  }
}
