import Netif
import XenInterface
import XenRing

extension VifDevice {
  /// Maps what the frontend offers and binds its ports; all or nothing is up to the caller.
  func connect(now: MonotonicInstant) throws(VifError) {
    failure = nil
    let count = keys.queueCount()
    guard count > 0 || !rules.requiresQueue, count <= offer.maximumQueues else {
      throw .badQueueCount(count)
    }
    vif.context.negotiate(keys.features())
    try readHeadroom()
    if let control = try keys.control() { try addControl(control.ring, control.port) }
    for index in 0..<Int(count) {
      let queue = try keys.queue(index, of: Int(count))
      try serve(addQueue(queue, end: end(of: index), now: now))
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

  private func addQueue(
    _ queue: VifQueueKeys, end: (any QueueEnd)?, now: MonotonicInstant
  ) throws(VifError) -> RunningQueue {
    let headers = offers(VifKeys.headerArea) ? queue.headers : nil
    let rings = VifQueueRings(
      tx: try map(queue.tx), rx: try map(queue.rx), headers: headers,
      persists: offers(VifKeys.persistence) && queue.persists)
    let rate = rate()
    let credit = CreditScheduler(
      bytes: rate.bytes, microseconds: rate.microseconds, now: now)
    let added: VifQueue
    do throws(RingViolation) { added = try vif.addQueue(rings, credit: credit) } catch {
      throw .ring(error)
    }
    if let headers { try added.staging?.keep(headers) }
    if case .pending = takeover { answeredBefore += added.tx.passOverAnswered() }
    return RunningQueue(
      added, of: vif.context.configuration.domain, offered: queue, connection: closings,
      end: end)
  }

  private func serve(_ queue: RunningQueue) throws(VifError) {
    // Noted first, so that the first port is closed when the second cannot be bound.
    running.append(queue)
    try queue.end?.open()
    do throws(EventChannelError) {
      if let pool { try pool.serve(queue) } else { try queue.bind(through: xen.events) }
    } catch { throw .eventChannel(error) }
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
    // From here on nobody else serves them.
    pool?.release(running)
    for queue in running {
      queue.unbind()
      queue.end?.close()
    }
    running.removeAll()
    if !vif.queues.isEmpty { vif.context.tap?.disconnected() }
    for queue in vif.queues { queue.tx.abandonHeld() }
    departure = nil
    vif.removeQueues()
    vif.removeControl()
    if let port = controlPort.take() { xen.events.close(port) }
    closings &+= 1
  }
}

extension StagingTable {
  /// Maps a header area.
  fileprivate func keep(_ headers: HeaderArea) throws(VifError) {
    do throws(StagingError) {
      try add(headers.grants.map { StagedGrant(grant: $0, isReadOnly: true) })
    } catch {
      if case .grant(let error) = error { throw .grant(error) }
      throw .badHeaderArea
    }
  }
}
