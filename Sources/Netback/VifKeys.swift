import Netif
public import XenRing
public import XenInterface

/// Reads what a frontend wrote into the store: each key once, then kept.
struct VifKeys {
  let store: any Store
  let frontend: String

  /// A number at the start of a key's value, as Linux's `%u` reads it: trailing characters are
  /// ignored, and of a number that is too large the low 32 bits count.
  func number(_ name: String) -> UInt32? {
    guard let value = store.value(frontend + "/" + name) else { return nil }
    let digits = value.drop(while: \.isWhitespace).prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty else { return nil }
    return digits.utf8.reduce(0) { $0 &* 10 &+ UInt32($1 &- 48) }
  }

  /// The number of the frontend's state; that of `XenbusState.unknown` when there is none.
  func state() -> UInt32 { number("state") ?? UInt32(XenbusState.unknown.rawValue) }

  /// Whether an optional flag is set; a missing or malformed one is `fallback`.
  func flag(_ name: String, default fallback: Bool = false) -> Bool {
    number(name).map { $0 != 0 } ?? fallback
  }

  /// What the guest can receive (Linux: `read_xenbus_vif_flags`).
  func features() -> NetifFeatures {
    var features: NetifFeatures = []
    if flag("feature-sg") { features.insert(.scatterGather) }
    if flag("feature-gso-tcpv4") { features.insert(.gsoTCPv4) }
    if flag("feature-gso-tcpv6") { features.insert(.gsoTCPv6) }
    if flag("feature-rx-notify") { features.insert(.rxNotify) }
    if !flag("feature-no-csum-offload") { features.insert(.checksumIPv4) }
    if flag("feature-ipv6-csum-offload") { features.insert(.checksumIPv6) }
    if flag("request-multicast-control") { features.insert(.multicastControl) }
    if hasSplitEventChannels { features.insert(.splitEventChannels) }
    return features
  }

  private var hasSplitEventChannels: Bool {
    number("event-channel-tx") != nil || number("queue-0/event-channel-tx") != nil
  }

  /// Number of queues the frontend uses; one when it does not say.
  func queueCount() -> UInt32 { number("multi-queue-num-queues") ?? 1 }

  /// Octets that the guest wants free before the data.
  ///
  /// - Throws: `VifError.badHeadroom` when they leave no room for data; Linux takes up to 32767.
  func headroom() throws(VifError) -> UInt16 {
    let octets = number(Self.xdpHeadroom) ?? 0
    guard octets < UInt32(RingLayout.pageSize) else { throw .badHeadroom(octets) }
    return UInt16(octets)
  }

  /// The rings and ports of queue `index` of `count`.
  ///
  /// - Throws: `VifError.missingKey` naming what is not there.
  func queue(_ index: Int, of count: Int) throws(VifError) -> VifQueueKeys {
    let prefix = count == 1 ? "" : "queue-\(index)/"
    var keys = try rings(prefix)
    if flag(Self.headerArea) { keys.headers = try headers(prefix) }
    keys.persists = flag(Self.persistence)
    return keys
  }

  /// Where a frontend says that it uses a header area, and a backend that it takes one.
  static let headerArea = "feature-x-ringside-header-area"

  /// The same of persistent grants.
  static let persistence = "feature-x-ringside-persist"

  /// Where a frontend says how much of each page is to stay free before the data.
  static let xdpHeadroom = "xdp-headroom"

  private static let headerPages = (0..<HeaderArea.pageCount).map { "x-ringside-header-ref-\($0)" }

  private func headers(_ prefix: String) throws(VifError) -> HeaderArea? {
    var grants: [GrantReference] = []
    for name in Self.headerPages {
      grants.append(GrantReference(rawValue: try need(prefix + name)))
    }
    return HeaderArea(grants: grants)
  }

  private func rings(_ prefix: String) throws(VifError) -> VifQueueKeys {
    let transmit = GrantReference(rawValue: try need(prefix + "tx-ring-ref"))
    let receive = GrantReference(rawValue: try need(prefix + "rx-ring-ref"))
    if let tx = number(prefix + "event-channel-tx"), let rx = number(prefix + "event-channel-rx") {
      return VifQueueKeys(
        tx: transmit, rx: receive, txPort: EventChannelPort(rawValue: tx),
        rxPort: EventChannelPort(rawValue: rx))
    }
    let port = EventChannelPort(rawValue: try need(prefix + "event-channel"))
    return VifQueueKeys(tx: transmit, rx: receive, txPort: port, rxPort: nil)
  }

  /// The control ring and its port; nil when the frontend has none.
  ///
  /// - Throws: `VifError.missingKey` when there is a ring without a port.
  func control() throws(VifError) -> (ring: GrantReference, port: EventChannelPort)? {
    guard let ring = number("ctrl-ring-ref") else { return nil }
    return (
      GrantReference(rawValue: ring),
      EventChannelPort(rawValue: try need("event-channel-ctrl"))
    )
  }

  /// Keys that say how the frontend connects, as far as they are there, in a fixed order.
  func present(queues: Int) -> [(name: String, value: String)] {
    let ofQueue =
      [
        "tx-ring-ref", "rx-ring-ref", "event-channel", "event-channel-tx", "event-channel-rx",
      ] + Self.headerPages
    let ofVif = [
      "ctrl-ring-ref", "event-channel-ctrl", "feature-gso-tcpv4", "feature-gso-tcpv6",
      "feature-ipv6-csum-offload",
      "feature-no-csum-offload", "feature-rx-notify", "feature-sg", "multi-queue-num-queues",
      "request-multicast-control", "request-rx-copy", Self.xdpHeadroom, Self.headerArea,
      Self.persistence,
    ]
    let prefixes = queues == 1 ? [""] : (0..<queues).map { "queue-\($0)/" }
    let names = ofVif + prefixes.flatMap { prefix in ofQueue.map { prefix + $0 } }
    return names.compactMap { name in
      store.value(frontend + "/" + name).map { (name, $0) }
    }
  }

  private func need(_ name: String) throws(VifError) -> UInt32 {
    guard let value = number(name) else { throw .missingKey(name) }
    return value
  }
}

/// What a frontend wrote for one queue.
struct VifQueueKeys: Hashable {
  var tx: GrantReference
  var rx: GrantReference
  /// The port for TX, or for both rings.
  var txPort: EventChannelPort
  /// The port for RX when it is another one.
  var rxPort: EventChannelPort?
  /// Where the first octets of packets may lie.
  var headers: HeaderArea?
  /// Whether requests say which pages may stay mapped.
  var persists = false
}

/// Why a vif could not be connected. Its device goes to Closing.
public enum VifError: Error, Hashable, Sendable {
  /// A key is missing or does not start with a number.
  case missingKey(String)
  /// The number of queues is 0 or more than offered.
  case badQueueCount(UInt32)
  /// The headroom asked for leaves no room for data in a page.
  case badHeadroom(UInt32)
  /// The frontend says a state that is none, or none of a frontend's.
  case badState(UInt32)
  /// A ring page could not be mapped.
  case grant(GrantError)
  /// A port could not be bound.
  case eventChannel(EventChannelError)
  /// The other end of a queue could not be opened (`QueueEnd.open`).
  case noEnd
  /// The pages of a header area are not each another one.
  case badHeaderArea
  /// A ring's producer is further ahead than a ring holds.
  case ring(RingViolation)
  /// The store refused.
  case store(StoreError)
}

extension XenbusState {
  /// The state of a number; nil when there is none.
  init?(exactly number: UInt32) { self.init(rawValue: UInt8(clamping: number)) }
}
