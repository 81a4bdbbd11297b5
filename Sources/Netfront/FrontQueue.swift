public import Netif
public import XenInterface
import XenRing

/// The guest's half of one queue: both rings, their ports, and the pages to send from and
/// receive into. Ports close and access ends with it.
public final class FrontQueue {
  /// Packets from the guest.
  public let tx: FrontChannel<TxRequest, TxResponse>
  /// Packets to the guest.
  public let rx: FrontChannel<RxRequest, RxResponse>
  /// Pages that the backend may read.
  public let txPages: GuestPages
  /// Pages that the backend may write.
  public let rxPages: GuestPages
  /// Pages for the first octets of packets (`HeaderArea`); nil when there is none.
  public let headerPages: (any GrantedPages)?
  /// Whether requests say that their pages may stay mapped.
  public var persists: Bool
  private let events: any EventChannels

  /// Grants the pages and opens the ports, without the store: how the backend learns of them is left
  /// to the caller (`Netfront` writes keys).
  ///
  /// - Parameters:
  ///   - options: what the guest uses of what it was offered.
  ///   - split: whether TX and RX get a port each.
  ///   - hasHeaders: whether the first octets of packets go into a header area.
  ///   - persists: whether requests say that their pages may stay mapped.
  ///   - backend: the domain that is granted to.
  ///   - xen: what the guest's domain sees of Xen.
  public init(
    _ options: NetfrontOptions, split: Bool, hasHeaders: Bool = false, persists: Bool = false,
    backend: DomainID,
    xen: DomainInterface
  ) throws(NetfrontError) {
    events = xen.events
    self.persists = persists
    let rings: any GrantedPages
    do throws(GrantError) {
      rings = try xen.allocator.share(2, with: backend, access: .readWrite)
      txPages = try GuestPages(
        options.txPages, with: backend, access: .readOnly, allocator: xen.allocator)
      rxPages = try GuestPages(
        options.rxPages, with: backend, access: .readWrite, allocator: xen.allocator)
      headerPages =
        hasHeaders
        ? try xen.allocator.share(HeaderArea.pageCount, with: backend, access: .readOnly) : nil
    } catch { throw .grant(error) }
    do throws(EventChannelError) {
      let port = try events.allocate(for: backend)
      let receivePort = split ? try events.allocate(for: backend) : port
      tx = FrontChannel(
        page: rings.ringPage(0), grant: rings.grants[0], start: options.txStart, port: port,
        events: events)
      rx = FrontChannel(
        page: rings.ringPage(1), grant: rings.grants[1], start: options.rxStart,
        port: receivePort, events: events)
    } catch { throw .eventChannel(error) }
    tx.publish(claiming: options.txStart.advanced(by: options.txAhead), .never)
    rx.publish(claiming: options.rxStart.advanced(by: options.rxAhead), .never)
  }

  deinit {
    events.close(tx.port)
    if rx.port != tx.port { events.close(rx.port) }
  }

  /// What a frontend writes for the queue, relative to `prefix`.
  func keys(_ prefix: String) -> [String: String] {
    var keys = [
      prefix + "tx-ring-ref": "\(tx.grant.rawValue)",
      prefix + "rx-ring-ref": "\(rx.grant.rawValue)",
    ]
    for (place, grant) in (headerPages?.grants ?? []).enumerated() {
      keys[prefix + "x-ringside-header-ref-\(place)"] = "\(grant.rawValue)"
    }
    if tx.port == rx.port {
      keys[prefix + "event-channel"] = "\(tx.port.rawValue)"
    } else {
      keys[prefix + "event-channel-tx"] = "\(tx.port.rawValue)"
      keys[prefix + "event-channel-rx"] = "\(rx.port.rawValue)"
    }
    return keys
  }
}
