public import XenInterface

/// The Xen that this machine runs on.
public enum HostXen {
  /// Opens the grant, event channel and store devices once more; `loop` waits for their events as
  /// long as the returned interface is held.
  public static func connect(_ loop: HostLoop) throws(HostError) -> DomainInterface {
    let grants = try HostGrantDevice()
    let allocator = try HostGrantAllocator()
    let events = try HostEventChannels()
    let store = try HostStore()
    guard let domain = store.value("domid").flatMap(UInt16.init) else { throw .unknownDomain }
    loop.add(descriptor: events.descriptor, for: .reading, owner: events)
    loop.add(descriptor: store.descriptor, for: .reading, owner: store)
    return DomainInterface(
      domain: DomainID(rawValue: domain), grants: grants, allocator: allocator, events: events,
      store: store)
  }
}
