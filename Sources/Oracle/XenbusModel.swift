/// The life of a vif on xenbus as a program that can be run: what a backend has to have done when it has looked
/// at the store and come to rest.
///
/// It follows the states as Linux's netback walks them, and knows nothing of ours. Where ours differs on
/// purpose, so does it: an attempt to connect that fails ends in Closing, and a headroom without room for data
/// is such a failure.
public struct XenbusModel: Sendable {
  /// Numbers of the states in the store.
  public enum State: UInt32, Sendable {
    case unknown, initialising, initWait, initialised, connected, closing, closed
    case reconfiguring, reconfigured
  }

  /// Nanoseconds that holders of a guest's frames have to end.
  private static let patience: UInt64 = 10_000_000_000
  private static let ringSlots: UInt32 = 256
  private static let controlSlots: UInt32 = 128
  private static let pageOctets: UInt32 = 4096

  /// The state that the backend says.
  public private(set) var state = State.initWait
  /// Connected queues.
  public private(set) var queues = 0
  /// Ring pages that are mapped.
  public private(set) var mappedPages = 0
  /// Ports that are bound, by the guest's numbers.
  public private(set) var ports: Set<UInt32> = []
  /// Whether an attempt to connect has failed, or the frontend has said what it must not.
  public private(set) var hasFailed = false
  /// Whether frames to groups of addresses wait for the guest to ask for them.
  public private(set) var filtersGroups = false
  /// Octets that the guest wants free before the data in each page.
  public private(set) var headroom: UInt32 = 0
  /// How often it has connected.
  public private(set) var connections = 0
  /// When it lets go of frames that somebody holds, in nanoseconds; it takes none until then, or until they
  /// have ended. `nil` while it waits for none.
  public private(set) var deadline: UInt64?
  /// Whether it waits for them.
  public var isLeaving: Bool { deadline != nil }

  /// Rules that the frontend has kept to so far.
  public private(set) var kept: Set<XenbusRule> = []
  /// Rules that it has broken.
  public private(set) var broken: Set<XenbusRule> = []

  private let maximumQueues: UInt32
  private var frontend: UInt32 = 0

  /// A backend whose directory a toolstack has just made.
  public init(maximumQueues: UInt32) { self.maximumQueues = maximumQueues }

  /// Looks, and acts on what there is. Who looks twice does nothing the second time.
  public mutating func look(_ sight: XenbusSight) {
    guard sight.isOffered else { return release() }
    if sight.isAskedToClose {
      guard mayRelease(sight) else { return }
      release()
      (frontend, state) = (Self.state(sight), .closed)
      return
    }
    if sight.isGroupKeyNew { filtersGroups = asksForGroups(sight) }
    follow(Self.state(sight), sight)
    if state == .closing, sight.isOffline { state = .closed }
  }

  private static func state(_ sight: XenbusSight) -> UInt32 { sight.number("state") ?? 0 }
}

// MARK: - The frontend's state

extension XenbusModel {
  private mutating func follow(_ number: UInt32, _ sight: XenbusSight) {
    let said = State(rawValue: number)
    switch said {
    case .unknown, .initialising, .closing, .closed: guard mayRelease(sight) else { return }
    default: deadline = nil
    }
    let isNew = number != frontend
    frontend = number
    _ = judge(.state, said.map { ![.initWait, .reconfigured].contains($0) } ?? false)
    switch said {
    case .initialising: if isNew { wait() }
    case .initialised: break
    case .connected: connect(sight, isNew: isNew)
    case .reconfiguring: if isNew { reconfigure(sight) }
    case .closing:
      release()
      if isNew, state != .closed { state = .closing }
    case .closed, .unknown:
      release()
      state = .closed
    case .initWait, .reconfigured, nil: if isNew { fail() }
    }
  }

  /// Notes what comes of a rule.
  private mutating func judge(_ rule: XenbusRule, _ isKept: Bool) -> Bool {
    if isKept { kept.insert(rule) } else { broken.insert(rule) }
    return isKept
  }

  private mutating func wait() {
    release()
    state = .initWait
  }

  private mutating func reconfigure(_ sight: XenbusSight) {
    guard takeHeadroom(sight) else { return fail() }
    state = .reconfigured
  }

  private mutating func fail() {
    release()
    hasFailed = true
    state = .closing
  }

  /// Whether rings can be let go of: until then the guest's frames are waited for.
  private mutating func mayRelease(_ sight: XenbusSight) -> Bool {
    guard sight.heldFrames > 0 else { return true }
    let limit = deadline ?? sight.now + Self.patience
    deadline = limit
    return sight.now >= limit
  }

  private mutating func release() {
    (queues, mappedPages, ports, deadline) = (0, 0, [], nil)
  }
}

// MARK: - Connecting

extension XenbusModel {
  private mutating func connect(_ sight: XenbusSight, isNew: Bool) {
    let isAwaited = state == .initWait || state == .reconfigured || state == .closed && isNew
    guard isAwaited || queues > 0 else { return }
    if state == .closed { state = .initWait }
    if queues == 0 {
      filtersGroups = asksForGroups(sight)
      guard attach(sight) else { return fail() }
    }
    if sight.isPlugged { state = .connected }
  }

  /// Maps and binds all that the frontend names.
  private mutating func attach(_ sight: XenbusSight) -> Bool {
    let count = sight.number("multi-queue-num-queues") ?? 1
    guard judge(.queueCount, count > 0 && count <= maximumQueues), takeHeadroom(sight) else {
      return false
    }
    if let ring = sight.number("ctrl-ring-ref") {
      guard map(ring, Self.controlSlots, sight), bind("event-channel-ctrl", sight) else {
        return false
      }
    }
    for queue in 0..<count {
      let place = count == 1 ? "" : "queue-\(queue)/"
      guard attach(queueAt: place, sight) else { return false }
    }
    queues = Int(count)
    connections += 1
    return true
  }

  private mutating func attach(queueAt place: String, _ sight: XenbusSight) -> Bool {
    for key in ["tx-ring-ref", "rx-ring-ref"] {
      let page = sight.number(place + key)
      guard judge(.ringKey, page != nil), let page, map(page, Self.ringSlots, sight) else {
        return false
      }
    }
    let both = [place + "event-channel-tx", place + "event-channel-rx"]
    let isSplit = both.allSatisfy { sight.number($0) != nil }
    return (isSplit ? both : [place + "event-channel"]).allSatisfy { bind($0, sight) }
  }

  private mutating func map(_ page: UInt32, _ slots: UInt32, _ sight: XenbusSight) -> Bool {
    let lead = sight.lead(page)
    guard judge(.ringPage, lead != nil), let lead, judge(.ringIndices, lead <= slots) else {
      return false
    }
    mappedPages += 1
    return true
  }

  private mutating func bind(_ name: String, _ sight: XenbusSight) -> Bool {
    let port = sight.number(name)
    guard judge(.portKey, port != nil), let port else { return false }
    return judge(.port, sight.isOpen(port) && ports.insert(port).inserted)
  }

  private mutating func takeHeadroom(_ sight: XenbusSight) -> Bool {
    let octets = sight.number("xdp-headroom") ?? 0
    guard judge(.headroom, octets < Self.pageOctets) else { return false }
    headroom = octets
    return true
  }

  private func asksForGroups(_ sight: XenbusSight) -> Bool {
    sight.number("request-multicast-control") ?? 0 != 0
  }
}
