public import XenInterface

/// A backend's worker: follows the store, takes events, polls its vifs. It has no thread and no
/// clock; a loop calls it. The rings of vifs that have a `WorkerPool` are served by its groups.
public final class NetbackWorker: Worker {
  private let xen: DomainInterface
  /// The vifs it serves.
  public private(set) var devices: [VifDevice] = []
  private var throttle = EventThrottle()

  /// Makes a worker without vifs on a domain's interface. All changes and events that this
  /// interface reports go to it.
  public init(xen: DomainInterface) { self.xen = xen }

  /// Starts to serve a vif.
  public func add(_ device: VifDevice) { devices.append(device) }

  /// Stops to serve a vif.
  public func remove(_ device: VifDevice) { devices.removeAll { $0 === device } }

  /// Follows what the store reports, then polls every vif once.
  public func step(now: MonotonicInstant) -> MonotonicInstant? {
    while let path = xen.store.takeChange() { follow(path, now: now) }
    return poll(now: now)
  }

  /// Lets the vifs follow a change at `path` in the store.
  public func follow(_ path: String, now: MonotonicInstant) {
    for device in devices where device.concerns(path) { device.follow(path, now: now) }
  }

  /// Takes the events that have come and polls every vif once.
  ///
  /// - Returns: when it wants to be called again; `nil` when only an event can bring work.
  public func poll(now: MonotonicInstant) -> MonotonicInstant? {
    let fired = throttle.begin(now: now, xen.events)
    let next = devices.poll(now: now)
    throttle.end(fired, devices, now: now, xen.events)
    return .earlier(next, throttle.wakeUp)
  }
}
