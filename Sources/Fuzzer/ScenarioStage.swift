/// What a scenario is about.
public enum ScenarioStage: Int, CaseIterable, Hashable, Sendable {
  /// The rings of a vif that is connected.
  case rings
  /// A vif's life on xenbus: keys and states, several queues, a toolstack, the end of a guest.
  case xenbus

  /// What the text form of each begins with.
  static let titles = ["ringside-scenario", "ringside-life"]

  /// The kinds of steps that belong to it, in the order of their numbers.
  var kinds: [ScenarioStepKind] {
    switch self {
    case .rings: Self.ringKinds
    case .xenbus: Self.lifeKinds
    }
  }

  /// Whether a step belongs to it.
  func has(_ step: ScenarioStep) -> Bool { kinds.contains(step.kind) }

  /// The words of these kinds.
  var words: [String] {
    switch self {
    case .rings: Self.ringWords
    case .xenbus: Self.lifeWords
    }
  }

  private static let ringKinds: [ScenarioStepKind] = [
    .send, .extra, .offer, .message, .raw, .flip, .publish, .listen, .frame, .pass, .grant, .refuse,
    .fill, .word, .rate, .reconnect, .lie,
  ]
  private static let lifeKinds: [ScenarioStepKind] = [
    .pass, .key, .rings, .ahead, .toolstack, .packets, .join, .deliver, .release, .storm, .die,
  ]
  private static let ringWords = ringKinds.map(\.rawValue)
  private static let lifeWords = lifeKinds.map(\.rawValue)
}
