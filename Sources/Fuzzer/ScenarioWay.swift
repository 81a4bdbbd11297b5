public import Netback

/// How the netback comes by what a scenario's guest sends, and how long it holds the frames. The same scenario can
/// be played in any way.
public struct ScenarioWay: Hashable, Sendable {
  /// How the data of packets comes.
  public var path: ScenarioPath
  /// Whether frames are held until all else of a step is done, and let go then, the last one first; if not, each
  /// is let go when it comes.
  public var holds: Bool

  /// All of them.
  public static let all = ScenarioPath.allCases.flatMap { path in
    [ScenarioWay(path), ScenarioWay(path, holds: true)]
  }

  /// Describes a way.
  public init(_ path: ScenarioPath = .copy, holds: Bool = false) {
    self.path = path
    self.holds = holds
  }

  /// The same while somebody watches the netback, which maps at once then.
  var watched: ScenarioWay { path == .lazy ? ScenarioWay(.map, holds: holds) : self }
}

/// The paths of data by which scenarios are played: those that ask nothing of the guest.
public enum ScenarioPath: String, CaseIterable, Hashable, Sendable {
  /// See `DataPath.copy`.
  case copy
  /// See `DataPath.map`.
  case map
  /// See `DataPath.mapLarge`.
  case mapLarge = "map-large"
  /// See `DataPath.lazy`.
  case lazy

  /// The netback's name for it.
  public var dataPath: DataPath {
    switch self {
    case .copy: .copy
    case .map: .map
    case .mapLarge: .mapLarge
    case .lazy: .lazy
    }
  }

  /// Grant operations that a slot is worth at most: its part of the first octets, and the rest. Pages that cannot
  /// be mapped together are mapped once more, each alone.
  var operationsOfSlot: Int { self == .copy ? 2 : 3 }
}
