import Foundation

/// LTTng-UST, which records the same events; what it wrote last stays for babeltrace2 to read.
final class Lttng {
  static let name = "LTTng-UST"

  private let folder: BenchFolder
  private let daemon = Process()
  private let events: LoadedEvents
  private var recordings = 0

  /// Builds the program that records, and starts a daemon of its own.
  init(_ events: LoadedEvents) throws {
    (self.events, folder) = (events, try BenchFolder())
    try events.writeFlat(events: folder.url.appending(path: "events"), payload: payload)
    try build()
    daemon.executableURL = URL(filePath: "/usr/bin/lttng-sessiond")
    daemon.arguments = ["--no-kernel", "--quiet"]
    daemon.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    (daemon.standardOutput, daemon.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    do { try daemon.run() } catch { throw PeerFault.absent("lttng-sessiond") }
    try waitForDaemon()
  }

  deinit {
    // One that was never run cannot be ended.
    guard daemon.isRunning else { return }
    daemon.terminate()
    daemon.waitUntilExit()
  }

  /// Where the last recording lies.
  var recording: String { folder.path("recording-\(recordings)") }

  /// Records all events, some times over; nanoseconds for each, of the thread that records. Nothing is lost: a full buffer has
  /// the program wait.
  func round(times: Int) throws -> Double {
    try? FileManager.default.removeItem(atPath: recording)
    recordings += 1
    try control("create", "bench", "--output=\(recording)")
    defer { try? control("destroy", "bench") }
    try control(
      "enable-channel", "-u", "c", "--subbuf-size=1M", "--num-subbuf=8", "--blocking-timeout=inf")
    try control("enable-event", "-u", "-c", "c", "ringside:event")
    try control("start")
    let run = try ProgramRun(
      [program, folder.path("events"), payload.path, "\(times)"],
      output: folder.url.appending(path: "time"),
      environment: environment.merging([
        "LTTNG_UST_ALLOW_BLOCKING": "1", "LTTNG_UST_REGISTER_TIMEOUT": "-1",
      ]) { $1 })
    guard let time = Double(run.output.trimmingCharacters(in: .newlines)) else {
      throw PeerFault.silent("LTTng's program does not say how long it took")
    }
    return time / Double(events.count * times)
  }

  private var payload: URL { folder.url.appending(path: "payload") }
  private var program: String { folder.path("lttng") }
  private var environment: [String: String] { ["LTTNG_HOME": folder.url.path] }

  private func build() throws {
    try CProgram.build(
      ["lttng.c"], to: program, options: ["-llttng-ust", "-ldl"], needs: "liblttng-ust-dev")
  }

  private func control(_ words: String...) throws {
    _ = try ProgramRun(
      ["lttng", "--no-sessiond", "--quiet"] + words, output: folder.url.appending(path: "said"),
      environment: environment)
  }

  private func waitForDaemon() throws {
    let deadline = Date(timeIntervalSinceNow: 20)
    while (try? control("list")) == nil {
      guard daemon.isRunning, Date() < deadline else {
        throw PeerFault.silent("lttng-sessiond does not answer")
      }
      usleep(50_000)
    }
  }
}
