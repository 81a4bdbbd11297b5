public import Netif

/// What a guest does with its vif, and what Xen answers meanwhile: a program that any backend can be put to.
///
/// It has two forms, octets (any octets are a scenario) and text (one step on a line), and both lose nothing.
public struct Scenario: Hashable, Sendable {
  /// Steps at most; what an encoding has behind them is left out.
  public static var stepLimit: Int { 4096 }

  /// Octets of an encoding at most; no scenario takes more.
  public static var octetLimit: Int { 24 * stepLimit }

  /// The vif as it is connected.
  public var vif: ScenarioVif
  /// What is done, in turn.
  public var steps: [ScenarioStep]

  /// Describes a scenario.
  public init(_ vif: ScenarioVif = ScenarioVif(), _ steps: [ScenarioStep] = []) {
    self.vif = vif
    self.steps = steps
  }
}

/// A vif as a scenario finds it: connected with one queue, a control ring, sixteen pages that the backend may
/// read and write; or, where it is about its life on xenbus, with the directories that a toolstack has made.
public struct ScenarioVif: Hashable, Sendable {
  /// What the scenario is about.
  public var stage = ScenarioStage.rings
  /// The rules that it is judged by.
  public var profile = RuleProfile.linux
  /// Index at which its rings start.
  public var start: UInt32 = 0
  /// What the guest can receive: segmentation of either kind, and whether it tells of new requests.
  public var features: NetifFeatures = Self.features
  /// Octets before the data in each page of the guest's, below a page.
  public var headroom: UInt16 = 0

  /// What may be said of a guest.
  public static let features: NetifFeatures = [.gsoTCPv4, .gsoTCPv6, .rxNotify]
  /// Octets before the data at most.
  static var headroomLimit: UInt16 { 4095 }

  /// A vif of a Linux guest.
  public init(_ stage: ScenarioStage = .rings) { self.stage = stage }
}
