import Netback
import Netif
import SimulatedXen
import XenInterface
import XenRing

/// Where two backends serve the same guest in turn: a simulated machine, the guest's ring and its pages.
final class DuelSite {
  let machine = SimulatedMachine(seed: 1)
  /// The ring's page.
  let ring: any GrantedPages
  /// All that the guest shares, as C takes it.
  let memory: GuestMemory
  /// The vif, for ours.
  let context: VifContext

  /// Grants a page for each slot of the ring.
  init(_ path: DataPath, access: GrantAccess, sink: any FrameSink) throws {
    let domain = DomainID(rawValue: 1)
    let allocator = machine.connect(domain).allocator
    ring = try allocator.share(1, with: .control, access: .readWrite)
    let data = try allocator.share(Int(NetifLimits.ringSize), with: .control, access: access)
    memory = GuestMemory(ring: ring, data: data)
    context = VifContext(
      configuration: VifConfiguration(
        domain: domain, handle: VifHandle(rawValue: 0), path: path),
      grants: machine.connect(.control).grants, sink: sink)
  }
}
