import Netif
import XenInterface
import XenRing

extension VifDevice {
  /// Maps what the frontend offers and binds its ports; all or nothing is up to the caller.
  func connect(now: MonotonicInstant) throws(VifError) {
    failure = nil
    let count = keys.queueCount()
    guard count > 0, count <= offer.maximumQueues else { throw .badQueueCount(count) }
    vif.context.negotiate(keys.features())
    try readHeadroom()
    if let control = try keys.control() { try addControl(control.ring, control.port) }
    for index in 0..<Int(count) {
      let queue = try keys.queue(index, of: Int(count))
      try addQueue(queue, now: now)
    }
    guard let tap = vif.context.tap else { return }
    for key in keys.present(queues: Int(count)) {
      tap.keySeen(key.name, key.value, isBackend: false)
    }
    tap.connected(vif)
  }

  private func addControl(
    _ ring: GrantReference, _ port: EventChannelPort
  ) throws(VifError) {
    let page = try map(ring)
    do throws(RingViolation) { try vif.addControl(page) } catch { throw .ring(error) }
    controlPort = try bind(port)
  }

  private func addQueue(_ queue: VifQueueKeys, now: MonotonicInstant) throws(VifError) {
    let rings = VifQueueRings(
      tx: try map(queue.tx), rx: try map(queue.rx),
      headers: offers(VifKeys.headerArea) ? queue.headers : nil,
      persists: offers(VifKeys.persistence) && queue.persists)
    let rate = rate()
    let credit = CreditScheduler(
      bytes: rate.bytes, microseconds: rate.microseconds, now: now)
    do throws(RingViolation) { try vif.addQueue(rings, credit: credit) } catch {
      throw .ring(error)
    }
    try keep(offers(VifKeys.headerArea) ? queue.headers : nil)
    if case .pending = takeover, let tx = vif.queues.last?.tx {
      answeredBefore += tx.passOverAnswered()
    }
    // Noted one by one, so that the first is closed when the second cannot be bound.
    let tx = try bind(queue.txPort)
    ports.append(VifPorts(tx: tx, rx: tx))
    if let port = queue.rxPort { ports[ports.count - 1].rx = try bind(port) }
  }

  /// Maps the header area of the queue that was added last.
  private func keep(_ headers: HeaderArea?) throws(VifError) {
    guard let headers, let table = vif.queues.last?.staging else { return }
    let pages = headers.grants.map { StagedGrant(grant: $0, isReadOnly: true) }
    do throws(StagingError) { try table.add(pages) } catch {
      if case .grant(let error) = error { throw .grant(error) }
      throw .badHeaderArea
    }
  }

  private func map(_ grant: GrantReference) throws(VifError) -> SharedPage {
    do throws(GrantError) {
      return try xen.grants.map(grant, of: vif.context.configuration.domain, access: .readWrite)
    } catch { throw .grant(error) }
  }

  private func bind(_ port: EventChannelPort) throws(VifError) -> EventChannelPort {
    do throws(EventChannelError) {
      return try xen.events.bind(to: port, of: vif.context.configuration.domain)
    } catch { throw .eventChannel(error) }
  }

  /// The `rate` key: octets and microseconds, in digits; anything else means no limit.
  func rate() -> (bytes: UInt64, microseconds: UInt64) {
    let text = xen.store.value(path + "/rate") ?? ""
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    // A sign is no digit, though Swift would take a plus.
    guard parts.count == 2, !text.contains("+"), let bytes = UInt64(parts[0]),
      let window = UInt64(parts[1])
    else { return (.max, 0) }
    return (bytes, window)
  }

  /// Lets go of rings and ports, and says nothing in the store. Called twice it does nothing.
  public func disconnect() {
    if !vif.queues.isEmpty { vif.context.tap?.disconnected() }
    vif.context.statistics.txAbandoned += UInt64(vif.heldFrameCount)
    departure = nil
    vif.removeQueues()
    vif.removeControl()
    for port in allPorts { xen.events.close(port) }
    controlPort = nil
    closings &+= 1
    ports.removeAll()
  }

  /// Every bound port, once.
  var allPorts: [EventChannelPort] {
    var all = controlPort.map { [$0] } ?? []
    for port in ports { all += port.rx == port.tx ? [port.tx] : [port.tx, port.rx] }
    return all
  }
}
