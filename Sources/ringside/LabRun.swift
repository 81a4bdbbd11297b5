internal import ArgumentParser
internal import Foundation
internal import Glibc

/// One run of the lab's machine.
struct LabRun {
  private let task: LabTask
  private let results: LabResults
  private let process = Process()

  /// - Parameter options: those of Lab/run that are about the machine.
  init(of task: LabTask, in folder: LabFolder, _ options: [String]) throws(CommandFailure) {
    self.task = task
    results = try LabResults()
    let program = ["--bin", ThisProgram.file.path]
    let libraries = RuntimeLibrary.all.map(\.name).filter { HostProbe.library($0) == .present }
    let inputs = task.inputs.enumerated().map { "\($1.whole):\($0)" }
    process.executableURL = URL(fileURLWithPath: folder.script)
    process.arguments =
      options + program + libraries.flatMap { ["--lib", $0] } + inputs.flatMap { ["--in", $0] }
      + ["--out", results.path, folder.job] + task.job
    process.standardInput = FileHandle.nullDevice
    // What arrives there while the verb runs is for people.
    process.standardOutput = FileHandle.standardError
  }

  /// Runs it, and ends as the verb has ended.
  func run(logs: String?) throws {
    do { try process.run() } catch {
      throw CommandFailure(
        .refused, "\(process.executableURL?.path ?? ""): \(error.localizedDescription)")
    }
    watch()
    if let logs { try results.placeLogs(in: logs) }
    print(results.output, terminator: "")
    guard let code = results.code else { throw failure }
    try results.place(task.outputs)
    try end(code)
  }

  private func end(_ code: Int32) throws {
    if let complaint = results.complaint {
      let words = "the kernel complained: \(complaint); --logs keeps its log"
      guard code != 0 else { throw CommandFailure(.finding, words) }
      Console.note("ringside: \(words)")
    }
    if code != 0 { throw ExitCode(code) }
  }

  /// Waits for its end, or brings it about when somebody asks for it.
  private func watch() {
    while process.isRunning, !Interruption.isRequested { Pause.milliseconds(50) }
    // The scripts are a group of processes; the one that boots the machine ends it.
    if process.isRunning, kill(-process.processIdentifier, SIGTERM) != 0 { process.terminate() }
    process.waitUntilExit()
  }

  /// How a run ends whose verb did not: the lab has said why, and its codes are the command's.
  private var failure: any Error {
    guard !Interruption.isRequested else {
      return CommandFailure(.refused, "the machine was ended, and what it had done is lost")
    }
    let codes: [ExitStatus] = [.badInput, .missing, .refused]
    let isOurs =
      process.terminationReason == .exit
      && codes.map(\.rawValue).contains(process.terminationStatus)
    return ExitCode(isOurs ? process.terminationStatus : ExitStatus.refused.rawValue)
  }
}
