import Netfront
public import XenInterface
import XenRing

/// Plays cases as a guest, through the frontend, against any backend of either world.
///
/// A vif and its rings are used for many cases; a vif that was disabled is made anew.
public final class CasePlayer {
  /// How long the backend may take, in nanoseconds.
  public struct Patience: Sendable {
    /// To answer or to cut the guest off.
    public var rest: UInt64
    /// For answers that still come when the guest has been cut off, or while credit is awaited.
    public var grace: UInt64
    /// Between two looks.
    public var interval: UInt64

    /// Describes how long to wait.
    public init(rest: UInt64, grace: UInt64, interval: UInt64) {
      self.rest = rest
      self.grace = grace
      self.interval = interval
    }

    /// For a simulated machine, whose backend answers at once.
    public static var simulated: Patience {
      Patience(rest: 1_000_000_000, grace: 1_000_000, interval: 10_000)
    }
  }

  private let guest: DomainInterface
  private let toolstack: DomainInterface
  private let loop: any WorldLoop
  private let backend: any CaseBackend
  private let patience: Patience
  private let pages: any GrantedPages
  private let idle: IdleEnds
  private var handle: UInt32
  private var vif: OpenVif?

  /// A vif and how it was made.
  private struct OpenVif {
    var path: VifPath
    var rate: CaseRate?
    var netfront: Netfront
  }

  /// Grants the cases' pages to the toolstack's domain, where the backend is.
  ///
  /// - Parameter handle: number of the first vif; each further one is one higher.
  public init(
    guest: DomainInterface, toolstack: DomainInterface, loop: any WorldLoop,
    backend: any CaseBackend, patience: Patience, firstHandle handle: UInt32 = 0
  ) throws(CaseError) {
    self.guest = guest
    self.toolstack = toolstack
    self.loop = loop
    self.backend = backend
    self.patience = patience
    self.handle = handle
    idle = IdleEnds(guest: guest, toolstack: toolstack)
    loop.add(idle)
    do throws(GrantError) {
      pages = try guest.allocator.share(
        CasePages.count, with: toolstack.domain, access: .readOnly)
    } catch { throw .frontend(.grant(error)) }
    for page in 0..<CasePages.count {
      pages.setOctets(CasePages.octets(of: page).span.octets, page: page, at: 0)
    }
  }

  /// Plays one case.
  public func play(_ asked: TxCase) throws(CaseError) -> CaseAnswer {
    let run = CaseRun(asked)
    do throws(CaseError) {
      let vif = try vif(for: asked.rate)
      try prepareRing(vif, run)
      for step in asked.steps { try play(step, on: vif, run) }
      try collect(vif, run)
      try leaveRing(vif, run)
    } catch {
      // What is left of the vif must not disturb the next case; its own failure says no more.
      if let vif { try? remove(vif) }
      throw error
    }
    return run.answer
  }

  /// Removes the vif that is left.
  public func finish() throws(CaseError) {
    if let vif { try remove(vif) }
  }
}

// MARK: - A vif's life

extension CasePlayer {
  private var deadline: MonotonicInstant { loop.now.advanced(by: patience.rest) }

  private func vif(for rate: CaseRate?) throws(CaseError) -> OpenVif {
    if let vif, vif.rate == rate { return vif }
    if let vif { try remove(vif) }
    let path = VifPath(
      backendDomain: toolstack.domain, frontendDomain: guest.domain,
      handle: VifHandle(rawValue: handle))
    handle += 1
    let made = OpenVif(
      path: path, rate: rate, netfront: Netfront(path, xen: guest, loop: loop))
    vif = made
    let directories = VifDirectories(path, store: toolstack.store)
    let keys = rate.map { ["rate": $0.key] }
    try asking { () throws(NetfrontError) in try directories.create(backendKeys: keys ?? [:]) }
    try backend.added(path)
    try asking { () throws(NetfrontError) in try directories.reportHotplug() }
    return made
  }

  /// A fresh ring where the case wants one or there is none; else the ring as it stands.
  private func prepareRing(_ vif: OpenVif, _ run: CaseRun) throws(CaseError) {
    if run.wantsFreshRing, !vif.netfront.queues.isEmpty { try disconnect(vif) }
    if vif.netfront.queues.isEmpty { try connect(vif, run) }
    run.start = vif.netfront.queues[0].tx.requestProducer
    run.revoked = run.needsRevoked ? try revokedGrant() : nil
  }

  private func leaveRing(_ vif: OpenVif, _ run: CaseRun) throws(CaseError) {
    if run.answer.isDisabled || run.asked.rate != nil {
      try remove(vif)
    } else if run.spoilsRing {
      try disconnect(vif)
    }
  }

  private func connect(_ vif: OpenVif, _ run: CaseRun) throws(CaseError) {
    // Where the case does not care, the ring wraps after a few slots.
    let start = run.asked.start ?? RingIndex(rawValue: 0xffff_ffc0)
    let options = NetfrontOptions(
      txPages: 1, rxPages: 1, txStart: start,
      omittedKeys: run.asked.hidesFeatures ? Self.features : [])
    try asking { () throws(NetfrontError) in
      try vif.netfront.connect(options, until: deadline)
    }
    try backend.connected(vif.path)
  }

  private static let features: Set<String> = [
    "feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6", "feature-ipv6-csum-offload",
  ]

  private func disconnect(_ vif: OpenVif) throws(CaseError) {
    try asking { () throws(NetfrontError) in try vif.netfront.close(until: deadline) }
  }

  private func remove(_ vif: OpenVif) throws(CaseError) {
    self.vif = nil
    defer { backend.removed(vif.path) }
    let directories = VifDirectories(vif.path, store: toolstack.store)
    try asking { () throws(NetfrontError) in try directories.remove(through: loop, until: deadline)
    }
    vif.netfront.abandon()
  }

  /// A reference that was good a moment ago. Nothing is granted until the case is over, so that
  /// nothing else gets it.
  private func revokedGrant() throws(CaseError) -> GrantReference {
    do throws(GrantError) {
      let page = try guest.allocator.share(1, with: toolstack.domain, access: .readOnly)
      return page.grants[0]
    } catch { throw .frontend(.grant(error)) }
  }

  private func asking(_ body: () throws(NetfrontError) -> Void) throws(CaseError) {
    do throws(NetfrontError) { try body() } catch { throw .frontend(error) }
  }
}

// MARK: - Steps

extension CasePlayer {
  private func play(_ step: CaseStep, on vif: OpenVif, _ run: CaseRun) throws(CaseError) {
    switch step {
    case .publish(let slots, let beyond):
      let tx = vif.netfront.queues[0].tx
      for slot in slots { tx.put(words: run.write(slot, pages: pages.grants)) }
      tx.publish(claiming: tx.requestProducer.advanced(by: beyond), .always)
      try rest(vif, run, published: run.onRing &+ beyond)
    case .pause(let milliseconds):
      wait(UInt64(milliseconds) * 1_000_000)
      try collect(vif, run)
      run.answer.answeredAtPauses.append(run.answeredSlots)
    case .changeRate(let rate):
      try asking { () throws(NetfrontError) in
        do throws(StoreError) {
          try toolstack.store.write(vif.path.backend + "/rate", rate.key)
        } catch { throw .store(error) }
      }
    case .reconnect:
      try collect(vif, run)
      try disconnect(vif)
      run.startsAnew()
      try connect(vif, run)
      run.start = vif.netfront.queues[0].tx.requestProducer
    }
  }

  /// Waits until the backend sleeps or has cut the guest off. A queue that waits for credit does
  /// neither, so then only a moment.
  private func rest(_ vif: OpenVif, _ run: CaseRun, published: UInt32) throws(CaseError) {
    let tx = vif.netfront.queues[0].tx
    let asleep = run.start.advanced(by: published &+ 1)
    let isAsleep = {
      tx.requestEvent == asleep && (try? tx.unconsumedResponses()) == published &- run.collected
    }
    let limit = loop.now.advanced(by: vif.rate == nil ? patience.rest : patience.grace)
    while !isAsleep() {
      if backend.isDisabled(vif.path) { return wait(patience.grace) }
      guard loop.now < limit else {
        if vif.rate != nil { return }
        throw .noRest(answered: run.collected, published: published)
      }
      wait(patience.interval)
    }
  }

  private func wait(_ nanoseconds: UInt64) {
    _ = loop.run(until: loop.now.advanced(by: nanoseconds)) { false }
  }

  /// Takes the answers and frames that have come.
  private func collect(_ vif: OpenVif, _ run: CaseRun) throws(CaseError) {
    run.answer.isDisabled = backend.isDisabled(vif.path)
    run.answer.frames += try backend.takeFrames(of: vif.path)
    let tx = vif.netfront.queues[0].tx
    while let taken = try? tx.takeResponse() { run.take(tx.read(at: taken.index)) }
  }
}

/// Takes what is reported to the guest and the toolstack, which look for themselves. Left there, it
/// would wake the loop again and again.
private final class IdleEnds: Worker {
  private let guest: DomainInterface
  private let toolstack: DomainInterface

  init(guest: DomainInterface, toolstack: DomainInterface) {
    self.guest = guest
    self.toolstack = toolstack
  }

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    while guest.events.takePending() != nil {}
    while guest.store.takeChange() != nil || toolstack.store.takeChange() != nil {}
    return nil
  }
}
