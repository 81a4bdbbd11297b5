internal import Netif
internal import Recorder
internal import XenInterface

/// When a simulated guest turns hostile, and when nothing more will come of it.
private struct HostileTurn {
  /// How long one waits for what comes after a guest was cut off, in nanoseconds.
  private static let patience: UInt64 = 10_000_000_000

  private var packets: UInt64?
  private var end: MonotonicInstant?

  init(after packets: UInt64?) { self.packets = packets }

  mutating func take(_ guest: SimulatedGuest, packets: UInt64) {
    guard let wanted = self.packets, packets >= wanted else { return }
    self.packets = nil
    guest.crossPage()
  }

  /// A guest that is cut off never reaches a bound that counts packets.
  mutating func isOver(_ guest: SimulatedGuest) -> Bool {
    guard guest.isCutOff else { return false }
    let end = end ?? guest.now.advanced(by: Self.patience)
    self.end = end
    return guest.now >= end
  }
}

extension Capture {
  /// Records a guest on the simulation.
  func record(
    _ guest: SimulatedGuest.Options, _ description: TapRecorder.Description,
    _ options: RecordingOptions, into files: any RecordingFiles, hostileAfter: UInt64? = nil,
    isRealTime: Bool
  ) throws(CommandFailure) -> RecorderReport {
    let guest = try simulating { () throws(SimulationError) in try SimulatedGuest(guest) }
    let recorder = try recording { () throws(RecorderError) in
      try TapRecorder(
        [guest.device], describedBy: description, options: options,
        into: files, now: guest.now)
    }
    var turn = HostileTurn(after: hostileAfter)
    try simulating { () throws(SimulationError) in try guest.connect() }
    try run(recorder.recording) { () throws(CommandFailure) in
      turn.take(guest, packets: recorder.recording.progress.packets)
      if !isRealTime, turn.isOver(guest) { return false }
      try simulating { () throws(SimulationError) in try guest.step() }
      return recorder.recording.tick(now: isRealTime ? elapsed : guest.now)
    }
    try simulating { () throws(SimulationError) in try guest.close() }
    return try recording { () throws(RecorderError) in try recorder.finish() }
  }

  /// Does something with a simulation, whose failures are ours.
  func simulating<Result>(
    _ body: () throws(SimulationError) -> Result
  ) throws(CommandFailure) -> Result {
    do throws(SimulationError) { return try body() } catch {
      throw CommandFailure(.finding, "the simulation: \(error)")
    }
  }

  /// Does something with a recording.
  func recording<Result>(
    _ body: () throws(RecorderError) -> Result
  ) throws(CommandFailure) -> Result {
    do throws(RecorderError) { return try body() } catch { throw failure(error) }
  }
}
