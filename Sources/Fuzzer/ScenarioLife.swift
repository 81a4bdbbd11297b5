/// A key that the frontend writes.
public struct ScenarioKey: Hashable, Sendable {
  /// Its name.
  public var name: ScenarioKeyName
  /// In which directory: 0, the vif's own; else that of the queue before.
  public var place: UInt8
  /// How its value looks.
  public var form: ScenarioKeyForm
  /// The number in it.
  public var number: UInt32
  /// Whether the backend looks before the next step.
  public var looks: Bool

  /// Describes a key.
  public init(
    _ name: ScenarioKeyName, _ form: ScenarioKeyForm = .plain, _ number: UInt32 = 0,
    place: UInt8 = 0, looks: Bool = true
  ) {
    self.name = name
    self.form = form
    self.number = number
    self.place = place
    self.looks = looks
  }

  /// Queues that have a directory.
  static let places: UInt64 = 10
  /// The path below the frontend's directory.
  var path: String { place == 0 ? name.word : "queue-\(place - 1)/\(name.word)" }
}

/// Keys of a frontend.
public enum ScenarioKeyName: Int, ScenarioWord {
  case state
  case txRing
  case rxRing
  case port
  case txPort
  case rxPort
  case controlRing
  case controlPort
  case queues
  case headroom
  case groups

  static let words = [
    "state", "tx-ring-ref", "rx-ring-ref", "event-channel", "event-channel-tx", "event-channel-rx",
    "ctrl-ring-ref", "event-channel-ctrl", "multi-queue-num-queues", "xdp-headroom",
    "request-multicast-control",
  ]

  /// As it stands in the store.
  var word: String { Self.words[rawValue] }
}

/// How the value of a key looks.
public enum ScenarioKeyForm: Int, ScenarioWord {
  /// The number.
  case plain
  /// There is no such key.
  case none
  /// What a guest that means well writes there.
  case own
  /// The number and a letter behind it.
  case trailing
  /// A blank before the number.
  case spaced
  /// With a sign.
  case plus
  /// With the other sign.
  case minus
  /// Nothing.
  case empty
  /// The number and 2³².
  case beyond

  static let words = [
    "plain", "none", "own", "trailing", "spaced", "plus", "minus", "empty", "beyond",
  ]

  /// The value with a number in it; `nil` when the key is to be removed.
  func text(_ number: UInt32, own: String?) -> String? {
    switch self {
    case .plain: "\(number)"
    case .none: nil
    case .own: own
    case .trailing: "\(number)x"
    case .spaced: " \(number)"
    case .plus: "+\(number)"
    case .minus: "-\(number)"
    case .empty: ""
    case .beyond: "\(UInt64(number) + 1 << 32)"
    }
  }
}

/// Rings that a guest makes.
public struct ScenarioRings: Hashable, Sendable {
  /// Queues, less one.
  public var more: UInt8
  /// Whether TX and RX have a port each.
  public var isSplit: Bool
  /// Whether there is a control ring.
  public var hasControl: Bool

  /// Describes rings; one queue by default.
  public init(more: UInt8 = 0, isSplit: Bool = false, hasControl: Bool = false) {
    self.more = more
    self.isSplit = isSplit
    self.hasControl = hasControl
  }

  /// Queues that a guest has at most.
  static let limit: UInt64 = 4
}

/// What a toolstack does.
public enum ScenarioToolstack: Int, ScenarioWord {
  /// It reports that the hotplug script is done.
  case plug
  /// It writes Closing into the backend's state and that the vif is offline.
  case close
  /// It removes both directories.
  case remove
  /// It makes them, where they are not, and the guest, if it has died.
  case create

  static let words = ["plug", "close", "remove", "create"]
}
