/// What a fuzz run is about.
public enum ScenarioTarget: String, CaseIterable, Sendable {
  /// Packets from the guest.
  case tx
  /// Frames to the guest.
  case rx
  /// Messages of the control ring, and the frames that they steer.
  case control
}
