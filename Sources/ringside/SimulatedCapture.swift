internal import Netif
internal import Recorder
internal import XenInterface

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
    var turnsHostileAfter = hostileAfter
    try simulating { () throws(SimulationError) in try guest.connect() }
    try run(recorder.recording) { () throws(CommandFailure) in
      if let packets = turnsHostileAfter, recorder.recording.progress.packets >= packets {
        turnsHostileAfter = nil
        guest.crossPage()
      }
      try simulating { () throws(SimulationError) in try guest.step() }
      return recorder.recording.tick(now: isRealTime ? elapsed : guest.now)
    }
    try simulating { () throws(SimulationError) in try guest.close() }
    return try recording { () throws(RecorderError) in try recorder.finish() }
  }

  private func simulating<Result>(
    _ body: () throws(SimulationError) -> Result
  ) throws(CommandFailure) -> Result {
    do throws(SimulationError) { return try body() } catch {
      throw CommandFailure(.finding, "the simulation: \(error)")
    }
  }

  private func recording<Result>(
    _ body: () throws(RecorderError) -> Result
  ) throws(CommandFailure) -> Result {
    do throws(RecorderError) { return try body() } catch { throw failure(error) }
  }
}
