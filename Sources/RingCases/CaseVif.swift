public import Netfront
package import Netif
public import XenInterface
public import XenRing

/// The vif that cases, or a trace's guest, are played on. It serves many of them; it is connected again
/// or made anew when a case leaves it unfit for the next.
public final class CaseVif {
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

  /// Where TX rings begin for cases that do not care: they wrap after a few slots. There are backends that
  /// know rings only that begin at 0.
  public var firstIndex = RingIndex(rawValue: 0xffff_ffc0)

  package let backend: any CaseBackend
  package let patience: Patience
  /// The guest's half; `nil` while there is no vif.
  package private(set) var netfront: Netfront?

  private let guest: DomainInterface
  private let toolstack: DomainInterface
  private let backendDomain: DomainID
  private let loop: any WorldLoop
  private let idle: IdleEnds
  private var handle: UInt32
  private var backendKeys: [String: String] = [:]
  /// A vif that others have made; `nil` where each is made here.
  private var given: VifPath?

  /// Plays on a vif that there is, from the guest that has it. It is neither made anew nor taken away.
  public convenience init(
    guest: DomainInterface, given path: VifPath, loop: any WorldLoop, backend: any CaseBackend,
    patience: Patience
  ) {
    self.init(
      guest: guest, toolstack: guest, loop: loop, backend: backend, in: path.backendDomain,
      patience: patience)
    given = path
  }

  /// Makes no vif yet.
  ///
  /// - Parameters:
  ///   - guest: what the guest's domain sees of Xen.
  ///   - toolstack: what the domain that writes the directories sees of it.
  ///   - loop: drives both ends.
  ///   - backend: what the cases are put to.
  ///   - domain: where the backend is; the toolstack's domain when it is left out.
  ///   - patience: how long an answer may take.
  ///   - handle: number of the first vif; each further one is one higher.
  public init(
    guest: DomainInterface, toolstack: DomainInterface, loop: any WorldLoop,
    backend: any CaseBackend, in domain: DomainID? = nil, patience: Patience,
    firstHandle handle: UInt32 = 0
  ) {
    self.guest = guest
    self.toolstack = toolstack
    backendDomain = domain ?? toolstack.domain
    self.loop = loop
    self.backend = backend
    self.patience = patience
    self.handle = handle
    idle = IdleEnds(guest: guest, toolstack: toolstack)
    loop.add(idle)
  }

  /// Removes the vif, if there is one; closes the guest's end of one that others have made.
  public func finish() throws(CaseError) {
    guard let netfront else { return }
    defer {
      netfront.abandon()
      self.netfront = nil
    }
    guard given == nil else { return try disconnect() }
    defer { backend.removed(netfront.path) }
    let directories = VifDirectories(netfront.path, store: toolstack.store)
    try asking { () throws(NetfrontError) in
      // A vif that nobody has taken is closed by nobody.
      if netfront.backendState == .initialising { return try directories.forget() }
      do throws(NetfrontError) { try directories.remove(through: loop, until: deadline) } catch {
        try directories.forget()
        throw error
      }
    }
  }

  /// Runs `body`. What is left of the vif when it fails must not disturb the next case.
  func playing(_ body: () throws(CaseError) -> Void) throws(CaseError) {
    do throws(CaseError) { try body() } catch {
      // Its own failure says no more.
      try? finish()
      throw error
    }
  }
}

// MARK: - A vif's life

extension CaseVif {
  private var deadline: MonotonicInstant { loop.now.advanced(by: patience.rest) }

  /// The vif that there is when it was made with these keys in its backend's directory; else a new one.
  package func open(backendKeys: [String: String] = [:]) throws(CaseError) -> Netfront {
    if let netfront, self.backendKeys == backendKeys { return netfront }
    try finish()
    let path = given ?? nextPath()
    guard given == nil || backendKeys.isEmpty else { throw .needsOwnVif }
    self.backendKeys = backendKeys
    let made = Netfront(path, xen: guest, loop: loop)
    netfront = made
    guard given == nil else { return made }
    let directories = VifDirectories(path, store: toolstack.store)
    try asking { () throws(NetfrontError) in try directories.create(backendKeys: backendKeys) }
    try backend.added(path)
    try asking { () throws(NetfrontError) in try directories.reportHotplug() }
    return made
  }

  /// Where the next vif is to stand. One that somebody else has made there is left alone.
  private func nextPath() -> VifPath {
    while true {
      let path = VifPath(
        backendDomain: backendDomain, frontendDomain: guest.domain,
        handle: VifHandle(rawValue: handle))
      handle += 1
      let ends = [path.backend + "/frontend", path.frontend + "/backend"]
      if ends.allSatisfy({ toolstack.store.value($0) == nil }) { return path }
    }
  }

  /// - Parameter pages: what the guest sends from or receives into, to be staged where data comes so.
  package func connect(
    _ netfront: Netfront, _ options: NetfrontOptions, pages: [StagedGrant] = []
  ) throws(CaseError) {
    try asking { () throws(NetfrontError) in try netfront.connect(options, until: deadline) }
    try backend.connected(netfront.path)
    try backend.stage(pages, of: netfront.path)
  }

  /// Closes the guest's end, when it is open.
  package func disconnect() throws(CaseError) {
    guard let netfront, !netfront.queues.isEmpty else { return }
    try asking { () throws(NetfrontError) in try netfront.close(until: deadline) }
  }

  /// Writes a key of the backend's directory while the vif is there.
  func write(_ key: String, _ value: String, of netfront: Netfront) throws(CaseError) {
    do throws(StoreError) {
      try toolstack.store.write(netfront.path.backend + "/" + key, value)
    } catch { throw .frontend(.store(error)) }
  }

  private func asking(_ body: () throws(NetfrontError) -> Void) throws(CaseError) {
    do throws(NetfrontError) { try body() } catch { throw .frontend(error) }
  }
}

// MARK: - Pages and time

extension CaseVif {
  /// Grants pages to the backend, each with its octets.
  package func share(
    _ contents: [[UInt8]], access: GrantAccess
  ) throws(CaseError) -> any GrantedPages {
    do throws(GrantError) {
      let pages = try guest.allocator.share(
        contents.count, with: backendDomain, access: access)
      for (page, octets) in contents.enumerated() {
        pages.setOctets(octets.span.octets, page: page, at: 0)
      }
      return pages
    } catch { throw .frontend(.grant(error)) }
  }

  /// A reference that was good a moment ago. Nothing is granted until the case is over, so that
  /// nothing else gets it.
  func revokedGrant() throws(CaseError) -> GrantReference {
    try share([[]], access: .readOnly).grants[0]
  }

  /// Lets time pass.
  package func wait(_ nanoseconds: UInt64) {
    _ = loop.run(until: loop.now.advanced(by: nanoseconds)) { false }
  }

  /// Waits until `done` holds, a look at a time.
  ///
  /// - Returns: whether it came to hold within `limit` nanoseconds.
  package func wait(atMost limit: UInt64, until done: () -> Bool) -> Bool {
    let end = loop.now.advanced(by: limit)
    while !done() {
      guard loop.now < end else { return false }
      wait(patience.interval)
    }
    return true
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
