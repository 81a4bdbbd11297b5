package import Netback
package import XenInterface

/// The netback that scenarios are played against: in which way, and where a test puts a fault into it.
package struct ScenarioSeam {
  /// How data comes and goes.
  package var way: ScenarioWay
  /// Changes its rules.
  package var configure: (inout VifConfiguration) -> Void = { _ in }
  /// What it does wrong with a ring's page.
  package var ring = PlayedRingFault()
  /// Stands between the netback and Xen.
  package var grants: (any GrantDevice) -> any GrantDevice = { $0 }
  /// The same where a vif's life is played.
  package var xen: (DomainInterface) -> DomainInterface = { $0 }

  /// No fault.
  package init(_ way: ScenarioWay = ScenarioWay()) { self.way = way }
}

/// What a netback may do wrong with a ring's page.
package struct PlayedRingFault: Sendable {
  /// It reads each word of a slot twice, and believes what it reads last.
  package var readsTwice = false
  /// It writes an answer with what lies behind it in its own memory, as far as the slot goes.
  package var leaks = false

  /// Nothing.
  package init() {}
}
