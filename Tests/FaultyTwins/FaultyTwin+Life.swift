import Fuzzer
import Netback
import XenInterface

extension FaultyTwin {
  /// Those whose fault shows in a vif's life on xenbus.
  static let ofLives: [FaultyTwin] = [
    FaultyTwin("cve-2010-3699-held-frames", .xenbus) {
      $0.configure = { $0.lifeRules.closingLimit = 1 << 62 }
    },
    FaultyTwin("xsa-332-event-storm", .xenbus) {
      $0.xen = { $0.with(events: CarelessEvents($0.events, .neverSilent)) }
    },
    FaultyTwin("xsa-391-idle-events", .xenbus) {
      $0.xen = { $0.with(events: CarelessEvents($0.events, .answersAll)) }
    },
    FaultyTwin("xsa-396-kept-mapping", .xenbus) {
      $0.xen = { $0.with(grants: KeepingGrants($0.grants, .all)) }
    },
    FaultyTwin("2026-zero-queues", .xenbus) {
      $0.configure = { $0.lifeRules.requiresQueue = false }
    },
    FaultyTwin("cve-2026-099286-half-connected", .xenbus) {
      $0.configure = { $0.lifeRules.cleansUp = false }
    },
    FaultyTwin("cve-2026-099287-second-ring", .xenbus) {
      $0.xen = { $0.with(grants: KeepingGrants($0.grants, .beforeFailure)) }
    },
    FaultyTwin("cve-2026-100081-group-list", .xenbus) {
      $0.configure = { $0.lifeRules.forgetsAddresses = false }
    },
  ]
}

extension DomainInterface {
  fileprivate func with(
    grants: (any GrantDevice)? = nil, events: (any EventChannels)? = nil
  ) -> DomainInterface {
    DomainInterface(
      domain: domain, grants: grants ?? self.grants, allocator: allocator,
      events: events ?? self.events, store: store)
  }
}
