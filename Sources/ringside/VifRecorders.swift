internal import FoundationEssentials
internal import Recorder
internal import Server
internal import TraceFormat
internal import XenInterface

/// A trace for each vif that is served, from before its first poll to after its last.
final class VifRecorders {
  private let pattern: String
  private var recorders: [VifPlace: TapRecorder] = [:]

  /// `pattern` names the traces: `%d` is the domain, `%h` the handle.
  init(_ pattern: String) { self.pattern = pattern }

  /// Begins to record a vif; one whose trace cannot be made is served all the same.
  func begin(_ vif: ServedVif, now: MonotonicInstant) {
    let path = vif.place.filled(into: pattern)
    let description = TapRecorder.Description(
      clock: .monotonic, wallTime: UInt64(Date().timeIntervalSince1970 * 1e9),
      tool: "ringside \(ToolVersion.current)", options: "serve")
    do throws(RecorderError) {
      recorders[vif.place] = try TapRecorder(
        [vif.device], describedBy: description, options: RecordingOptions().besideBackend,
        into: PathFiles(path), now: now)
    } catch { Console.note("ringside: \(Capture(path: path).failure(error).message)") }
  }

  /// Sends blocks on their way that have waited for a second.
  func tick(now: MonotonicInstant) {
    for (place, recorder) in recorders where !recorder.recording.tick(now: now) { end(place) }
  }

  /// Ends the trace of a vif.
  func end(_ vif: ServedVif) { end(vif.place) }

  private func end(_ place: VifPlace) {
    guard let recorder = recorders.removeValue(forKey: place) else { return }
    let path = place.filled(into: pattern)
    do throws(RecorderError) {
      let report = try recorder.finish()
      CaptureSummary(file: path, report).lines.forEach(Console.note)
    } catch { Console.note("ringside: \(Capture(path: path).failure(error).message)") }
  }
}
