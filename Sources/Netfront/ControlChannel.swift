public import Netif
public import XenInterface
public import XenRing

/// The guest's half of the control ring. Its port closes and access ends with it.
public final class ControlChannel {
  /// Messages and their answers.
  public let ring: FrontChannel<ControlRequest, ControlResponse>
  private let events: any EventChannels

  /// Grants the ring's page and opens its port, without the store: how the backend learns of them is
  /// left to the caller (`Netfront` writes keys).
  public init(
    backend: DomainID, xen: DomainInterface, start: RingIndex = RingIndex(rawValue: 0)
  ) throws(NetfrontError) {
    events = xen.events
    let pages: any GrantedPages
    do throws(GrantError) {
      pages = try xen.allocator.share(1, with: backend, access: .readWrite)
    } catch { throw .grant(error) }
    do throws(EventChannelError) {
      ring = FrontChannel(
        page: pages.ringPage(0), grant: pages.grants[0], start: start,
        port: try events.allocate(for: backend), events: events)
    } catch { throw .eventChannel(error) }
  }

  deinit { events.close(ring.port) }

  /// What a frontend writes for the ring.
  var keys: [String: String] {
    ["ctrl-ring-ref": "\(ring.grant.rawValue)", "event-channel-ctrl": "\(ring.port.rawValue)"]
  }
}
