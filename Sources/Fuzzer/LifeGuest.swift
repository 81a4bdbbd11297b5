import Netfront
import Netif
import XenInterface
import XenRing

/// The guest whose vif lives: it does what a scenario says, and sends and receives as an honest one.
final class LifeGuest {
  /// What is put into the header of each packet, so that whoever gets it knows which it is.
  static let payload = 14
  /// Pages that a queue receives into.
  private static let rxPages = 4
  /// The group of addresses that a guest may ask for.
  static let group = MACAddress(bits: 0x0100_5e00_0001)

  /// A queue as an honest guest uses it.
  private struct Queue {
    let front: FrontQueue
    let sender: TxSender
    let receiver: RxReceiver
  }

  private let path: VifPath
  private let front: Netfront
  private let store: any Store
  private let events: any EventChannels
  private var queues: [Queue] = []
  /// The ring keys as they were written last, by their paths below the directory.
  private(set) var honest: [String: String] = [:]

  init(_ path: VifPath, xen: DomainInterface, loop: any WorldLoop) {
    self.path = path
    front = Netfront(path, xen: xen, loop: loop)
    store = xen.store
    events = xen.events
  }

  /// Ports of its own that are open.
  var ports: Set<UInt32> {
    var ports = Set(queues.flatMap { [$0.front.tx.port.rawValue, $0.front.rx.port.rawValue] })
    if let control = front.control { ports.insert(control.ring.port.rawValue) }
    return ports
  }

  /// Number of its queues.
  var count: Int { queues.count }

  // MARK: - Rings and keys

  /// Lets go of its rings, makes others, and writes their keys; nothing where there is no memory.
  func makeRings(_ rings: ScenarioRings, _ vif: ScenarioVif) {
    abandon()
    var options = NetfrontOptions(
      queues: Int(rings.more) + 1, splitEventChannels: rings.isSplit,
      controlRing: rings.hasControl, txPages: 2 * LifePlayer.packetLimit, rxPages: Self.rxPages,
      respectsOffer: false)
    let start = RingIndex(rawValue: vif.start)
    (options.txStart, options.rxStart, options.controlStart) = (start, start, start)
    options.extraKeys = Self.keys(vif)
    try? front.makeRings(options)
    queues = front.queues.map {
      Queue(front: $0, sender: TxSender($0), receiver: RxReceiver($0))
    }
    for queue in queues { queue.receiver.refill() }
    honest = ringKeys()
  }

  private static func keys(_ vif: ScenarioVif) -> [String: String] {
    func flag(_ feature: NetifFeatures) -> String { vif.features.contains(feature) ? "1" : "0" }
    return [
      "feature-gso-tcpv4": flag(.gsoTCPv4), "feature-gso-tcpv6": flag(.gsoTCPv6),
      "feature-rx-notify": flag(.rxNotify), "xdp-headroom": "\(vif.headroom)",
    ]
  }

  /// The keys that say where its rings are, as they stand.
  private func ringKeys() -> [String: String] {
    var keys: [String: String] = [:]
    for place in 0..<UInt8(ScenarioKey.places) {
      for name in ScenarioKeyName.ofRings {
        let key = ScenarioKey(name, place: place)
        keys[key.path] = value(key.path)
      }
    }
    return keys
  }

  /// Whether a backend that reads them now finds the rings as they are.
  var isHonest: Bool { !queues.isEmpty && ringKeys() == honest }

  /// A key of its directory.
  func value(_ name: String) -> String? { store.value(path.frontend + "/" + name) }

  /// Writes a key, or removes it; one that it may not write stays.
  func write(_ key: ScenarioKey) {
    let place = path.frontend + "/" + key.path
    if let text = key.form.text(key.number, own: own(key)) {
      try? store.write(place, text)
    } else {
      try? store.remove(place)
    }
  }

  private func own(_ key: ScenarioKey) -> String? {
    key.name == .state ? "\(XenbusState.connected.rawValue)" : honest[key.path]
  }

  /// Has a ring claim more requests than there are.
  ///
  /// - Returns: whether there is such a ring.
  func claim(_ count: UInt32, of ring: ScenarioRing, queue: UInt8) -> Bool {
    if ring == .control {
      guard let control = front.control?.ring else { return false }
      return claim(count, on: control)
    }
    guard Int(queue) < queues.count else { return false }
    let front = queues[Int(queue)].front
    return ring == .tx ? claim(count, on: front.tx) : claim(count, on: front.rx)
  }

  private func claim<Request, Response>(
    _ count: UInt32, on channel: FrontChannel<Request, Response>
  ) -> Bool {
    channel.publish(claiming: channel.responseConsumer.advanced(by: count), .never)
    return true
  }

  /// Lets go of rings, pages and ports.
  func abandon() {
    queues.removeAll()
    front.abandon()
    honest = [:]
  }

  // MARK: - Traffic

  /// Sends an event for nothing.
  func notify(_ ring: ScenarioRing, queue: UInt8) {
    guard ring != .control else { return front.control?.ring.notify() ?? () }
    guard Int(queue) < queues.count else { return }
    let front = queues[Int(queue)].front
    if ring == .tx { front.tx.notify() } else { front.rx.notify() }
  }

  /// Sends a packet, as far as there is room.
  func send(_ packet: LifePacket, queue: Int) -> Bool {
    let extras: [ExtraInfo] = packet.kind == .join ? [.multicastAdd(Self.group)] : []
    let octets = packet.octets
    let sent = try? queues[queue].sender.send(octets.span.octets, extras: extras)
    return sent != nil
  }

  /// Events since it was asked, one for each port at most.
  func takeEvents() -> Int {
    var count = 0
    while events.takePending() != nil { count += 1 }
    return count
  }

  /// Says that there are packets.
  func publish(queue: Int) { queues[queue].front.tx.publish() }

  /// Answers since it was asked, those of extra infos apart; `nil` when a Linux guest would give the device up.
  func answers(queue: Int) -> [NetifStatus]? {
    (try? queues[queue].sender.collect())?.map(\.status).filter { $0 != .null }
  }

  /// Frames since it was asked; `nil` when a Linux guest would give the device up. Their pages are offered
  /// again.
  func frames(queue: Int) -> [[UInt8]]? {
    let received = try? queues[queue].receiver.receive()
    queues[queue].receiver.refill()
    return received?.map { (try? $0.get().octets) ?? [] }
  }
}

extension ScenarioKeyName {
  /// Those that say where rings are.
  fileprivate static let ofRings: [ScenarioKeyName] = [
    .txRing, .rxRing, .port, .txPort, .rxPort, .controlRing, .controlPort, .queues,
  ]
}
