/// What a fuzz run is about.
public enum ScenarioTarget: String, CaseIterable, Sendable {
  /// Packets from the guest.
  case tx
  /// Frames to the guest.
  case rx
  /// Messages of the control ring, and the frames that they steer.
  case control
  /// A vif's life on xenbus.
  case xenbus

  /// Those that are about rings.
  package static let rings: [ScenarioTarget] = [.tx, .rx, .control]

  /// What its scenarios are about.
  public var stage: ScenarioStage { self == .xenbus ? .xenbus : .rings }

  /// Any octets as a scenario of the target's.
  public func claim(_ octets: [UInt8]) -> [UInt8] {
    [UInt8(stage.rawValue)] + octets.dropFirst()
  }
}
