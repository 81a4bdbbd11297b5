import Netif
import TraceFormat
public import XenInterface
import XenRing

/// What a backend offers and where it stands in the store; fixed when it is made.
public struct VifOffer: Hashable, Sendable {
  /// Queues that a frontend may ask for.
  public var maximumQueues: UInt32
  /// Whether Connected waits until the hotplug script has written `connected`, as in Linux.
  public var waitsForHotplug: Bool

  /// Describes an offer.
  public init(maximumQueues: UInt32 = 8, waitsForHotplug: Bool = true) {
    self.maximumQueues = maximumQueues
    self.waitsForHotplug = waitsForHotplug
  }
}

/// A vif as xenbus sees it: its directory in the store, its state, its frontend's rings.
///
/// Follows Linux's `xenbus.c`: InitWait when the features are written, Connected when the
/// frontend is and the hotplug script is done, back to InitWait when a closed frontend starts anew.
public final class VifDevice {
  /// The data path.
  public let vif: Vif
  /// The state last written.
  public internal(set) var state = XenbusState.initialising
  /// Why the last attempt to connect failed; `nil` when it did not.
  public internal(set) var failure: VifError?
  /// What became of rings that another backend had connected before.
  public internal(set) var takeover = VifTakeover.none

  let xen: DomainInterface
  let offer: VifOffer
  /// This vif's directory: `/local/domain/0/backend/vif/DOMAIN/HANDLE`.
  public let path: String
  let keys: VifKeys
  /// The number that the frontend's state key had last.
  var frontendState: UInt32 = 0
  /// The connected queues, as they are served.
  var running: [RunningQueue] = []
  /// Who serves them; nil for whoever polls this object.
  let pool: WorkerPool?
  private let ends: [any QueueEnd]
  var controlPort: EventChannelPort?
  /// How often ports were closed: Xen gives their numbers to others.
  var closings: UInt32 = 0
  /// When the rings are let go of at the latest; `nil` while nobody is waited for.
  var departure: MonotonicInstant?
  /// Slots that the backend before had answered without publishing it, in a takeover under way.
  var answeredBefore = 0

  /// Opens the directory that a toolstack has made, writes the features and waits for the frontend.
  /// What another backend left behind is gone on with: see `VifTakeover`.
  ///
  /// - Parameters:
  ///   - configuration: which vif, and by which rules.
  ///   - offer: what the guest may ask for.
  ///   - xen: what the backend's domain sees of Xen.
  ///   - sink: takes what the guest sends.
  ///   - tap: watches all that the rings carry.
  ///   - pool: the groups that serve its queues. `sink` and `tap` are then called by each of them:
  ///     where groups have threads, the sink is to bear that, and there is no tap.
  ///   - ends: what feeds the queues that groups serve, by number; queues without one are fed by
  ///     others.
  /// - Throws: `VifError.missingKey` when the directory names no frontend.
  public init(
    configuration: VifConfiguration, offer: VifOffer = VifOffer(), xen: DomainInterface,
    sink: any FrameSink, tap: (any NetbackTap)? = nil, pool: WorkerPool? = nil,
    ends: [any QueueEnd] = []
  ) throws(VifError) {
    self.xen = xen
    // A table of mapped pages is changed by whoever follows the store.
    self.pool = configuration.path.suitsGroups ? pool : nil
    self.ends = self.pool == nil ? [] : ends
    self.offer = offer
    let (guest, handle) = (configuration.domain.rawValue, configuration.handle.rawValue)
    path = "/local/domain/\(xen.domain.rawValue)/backend/vif/\(guest)/\(handle)"
    guard let frontend = xen.store.value(path + "/frontend") else { throw .missingKey("frontend") }
    keys = VifKeys(store: xen.store, frontend: frontend)
    vif = Vif(
      context: VifContext(
        configuration: configuration, grants: xen.grants, sink: sink, tap: tap))
    do throws(StoreError) {
      try begin()
      for watched in watchedPaths { try xen.store.watch(watched) }
    } catch { throw .store(error) }
  }

  deinit {
    // A store that refuses has lost the watches already.
    for watched in watchedPaths { try? xen.store.unwatch(watched) }
  }

  /// Rules that a test may have taken away.
  var rules: LifeRules { vif.context.configuration.lifeRules }

  /// What feeds a queue, where groups serve it.
  func end(of queue: Int) -> (any QueueEnd)? {
    ends.indices.contains(queue) ? ends[queue] : nil
  }

  private var watchedPaths: [String] {
    [keys.frontend + "/state", keys.frontend + "/request-multicast-control", path]
  }

  func features() -> [StoreWrite] {
    var features = [
      "feature-sg": "1", "feature-gso-tcpv4": "1", "feature-gso-tcpv6": "1",
      "feature-ipv6-csum-offload": "1", "feature-rx-copy": "1", "feature-rx-flip": "0",
      "feature-multicast-control": "1", "feature-dynamic-multicast-control": "1",
      "feature-split-event-channels": "1", "feature-ctrl-ring": "1",
      "feature-xdp-headroom": "1",
      "multi-queue-max-queues": "\(offer.maximumQueues)",
    ]
    for (path, key) in Self.extensions {
      if vif.context.configuration.path == path {
        features[key] = "1"
      } else if offers(key) {
        // Another backend has offered it, before.
        features[key] = "0"
      }
    }
    return features.sorted { $0.key < $1.key }.map { StoreWrite(path + "/" + $0.key, $0.value) }
  }

  /// Private extensions, each with the path that offers it.
  private static let extensions: [(DataPath, String)] = [
    (.header, VifKeys.headerArea), (.persistent, VifKeys.persistence),
  ]

  /// Whether an extension is offered, by us or by the backend whose rings we go on with.
  func offers(_ key: String) -> Bool { xen.store.value(path + "/" + key) == "1" }

  func publish(_ state: XenbusState) throws(StoreError) {
    guard state != self.state else { return }
    let write = StoreWrite(path + "/state", "\(state.rawValue)")
    guard try xen.store.write([write], whileDevice: path) else { return }
    self.state = state
    vif.context.tap?.stateChanged(state, isBackend: true)
  }
}
