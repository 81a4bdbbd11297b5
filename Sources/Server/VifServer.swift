public import Netback
import PacketCapture
public import XenInterface

/// Serves every vif that the toolstack makes for this domain as a backend, until it removes it.
///
/// It is a worker: it has no thread and no clock, and the work of one step is bounded.
public final class VifServer: Worker {
  /// The vifs that are served, in the order in which they came.
  public private(set) var vifs: [ServedVif] = []
  /// Called with what happens to a vif.
  public var onNews: (VifPlace, VifNews) -> Void = { _, _ in }
  /// Called with a vif before its first poll, and after its last.
  public var onChange: (ServedVif, _ isServed: Bool) -> Void = { _, _ in }

  /// Nanoseconds between two looks at what groups have met: nobody tells us that a guest was cut off.
  private static let lookInterval: UInt64 = 200_000_000

  private let xen: DomainInterface
  private let offer: VifOffer
  private let path: DataPath
  private let ports: any PortMaker
  private let worker: NetbackWorker
  private let pool: WorkerPool?
  private let only: Set<VifPlace>?
  /// Vifs that cannot be served, which is said once.
  private var hopeless: Set<VifPlace> = []

  private var root: String { "/local/domain/\(xen.domain.rawValue)/backend/vif" }

  /// Makes a server on an interface that is its alone.
  ///
  /// - Parameters:
  ///   - xen: the interface.
  ///   - offer: what guests may ask for.
  ///   - path: how the data of guests' packets comes.
  ///   - ports: makes the other end of each vif.
  ///   - only: the vifs to serve; nil for all.
  ///   - pool: groups that serve the queues, where `path` suits them and the ports have ends for them
  ///     (`DividedPort`).
  public init(
    xen: DomainInterface, offer: VifOffer = VifOffer(), path: DataPath = .copy,
    ports: any PortMaker, only: Set<VifPlace>? = nil, pool: WorkerPool? = nil
  ) throws(StoreError) {
    self.xen = xen
    self.offer = offer
    self.path = path
    self.ports = ports
    self.only = only
    self.pool = pool
    worker = NetbackWorker(xen: xen)
    // Its first report makes us look at what is there.
    try xen.store.watch(root)
  }

  deinit { try? xen.store.unwatch(root) }

  /// See `Worker`.
  public func step(now: MonotonicInstant) -> MonotonicInstant? {
    while let path = xen.store.takeChange() {
      look(at: path)
      worker.follow(path, now: now)
    }
    var hasMore = false
    for port in ports.sharedPorts {
      if port.takeFrames(atMost: ServedVif.budget, now: now) == ServedVif.budget { hasMore = true }
    }
    for vif in vifs where vif.takeFrames(now: now) { hasMore = true }
    for vif in vifs { vif.isFed = false }
    let wakeUp = worker.poll(now: now)
    for vif in vifs { conclude(vif) }
    // What one guest sends to another waits in a queue that may have been polled already.
    if hasMore || vifs.contains(where: \.isFed) { return now }
    let look = now.advanced(by: Self.lookInterval)
    return pool == nil ? wakeUp : min(wakeUp ?? look, look)
  }

  /// Closes all vifs: their guests' interfaces go down, nothing stays mapped or bound.
  public func end() {
    for vif in vifs {
      // A store that refuses leaves the state to the toolstack.
      try? vif.device.close()
      conclude(vif)
      remove(vif, isGone: true)
    }
  }

  /// Lets go of all vifs and leaves them connected, for a successor to take over.
  public func handOver() {
    for vif in vifs { remove(vif, isGone: false) }
  }

  private func conclude(_ vif: ServedVif) {
    vif.rest()
    let standing = VifStanding(vif.device)
    guard standing != vif.standing else { return }
    if standing.isConnected(since: vif.standing) { vif.tellPort() }
    if standing.isCutOff(since: vif.standing) { vif.cutOffPort() }
    for news in standing.news(since: vif.standing) { onNews(vif.place, news) }
    vif.standing = standing
  }
}

// MARK: - Directories

extension VifServer {
  /// Follows a change at or below the directory of all vifs.
  private func look(at path: String) {
    guard path == root || path.hasPrefix(root + "/") else { return }
    let parts = path.dropFirst(root.count).split(separator: "/")
    let domains = parts.isEmpty ? names(in: root) : [String(parts[0])]
    for domain in domains {
      let handles = parts.count < 2 ? names(in: root + "/" + domain) : [String(parts[1])]
      for handle in handles { look(at: domain, handle) }
    }
    // A directory that went with all above it names none of its vifs.
    if parts.count < 2 {
      for vif in vifs where !isThere(vif.device.path) { vanish(vif) }
    }
  }

  private func names(in directory: String) -> [String] {
    (try? xen.store.list(directory)) ?? []
  }

  private func isThere(_ directory: String) -> Bool {
    xen.store.value(directory + "/frontend") != nil
  }

  private func look(at domain: String, _ handle: String) {
    guard let domainNumber = UInt16(domain), let handleNumber = UInt32(handle) else { return }
    let place = VifPlace(
      domain: DomainID(rawValue: domainNumber), handle: VifHandle(rawValue: handleNumber))
    let directory = "\(root)/\(domain)/\(handle)"
    let served = vifs.first { $0.place == place }
    guard isThere(directory), xen.store.value(directory + "/state") != nil else {
      hopeless.remove(place)
      if let served, !isThere(directory) { vanish(served) }
      return
    }
    if served == nil, only?.contains(place) ?? true, !hopeless.contains(place) { add(place) }
  }

  private func add(_ place: VifPlace) {
    do throws(CaptureError) {
      let port = try ports.makePort(for: place)
      do throws(VifError) {
        let vif = try ServedVif(place, port: port, offer: offer, path: path, xen: xen, pool: pool)
        vifs.append(vif)
        worker.add(vif.device)
        onNews(place, .appeared)
        onChange(vif, true)
      } catch {
        port.retire()
        give(up: place, .cannotBeServed(error))
      }
    } catch { give(up: place, .hasNoPort(error)) }
  }

  private func give(up place: VifPlace, _ news: VifNews) {
    hopeless.insert(place)
    onNews(place, news)
  }

  private func vanish(_ vif: ServedVif) {
    vif.device.disconnect()
    remove(vif, isGone: true)
    onNews(vif.place, .vanished)
  }

  private func remove(_ vif: ServedVif, isGone: Bool) {
    worker.remove(vif.device)
    vifs.removeAll { $0 === vif }
    onChange(vif, false)
    if isGone { vif.retire() }
  }
}
