internal import Synchronization
internal import XenInterface

/// What one port of a domain is and how far its event has come, packed so that it is read and changed
/// at once.
struct PortWord {
  enum Kind: UInt64 { case free, unbound, bound }

  /// How far an event has come.
  enum Stage: UInt64 {
    /// The port fires at the next event.
    case ready
    /// It has fired, and waits to be taken.
    case fired
    /// It was taken and is silent until it is unmasked.
    case taken
  }

  /// Bits 0-1: kind; bits 2-3: stage; bit 4: pending; bits 8-23: the other end's domain; bits 24-39:
  /// its port; bits 40-63: the holder.
  var rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  /// A port that was opened for `remote`.
  init(for remote: DomainID, holder: EventFabric.Holder) {
    rawValue = Kind.unbound.rawValue | UInt64(remote.rawValue) << 8 | holder << 40
  }

  /// A port that is bound to another.
  init(to far: PortPlace, holder: EventFabric.Holder) {
    rawValue = holder << 40
    bind(to: far)
  }

  static var free: PortWord { PortWord(rawValue: 0) }

  var kind: Kind { Kind(rawValue: rawValue & 3) ?? .free }
  var stage: Stage {
    get { Stage(rawValue: rawValue >> 2 & 3) ?? .ready }
    set { rawValue = rawValue & ~(3 << 2) | newValue.rawValue << 2 }
  }
  /// Fired again before it was ready.
  var isPending: Bool {
    get { rawValue & 1 << 4 != 0 }
    set { rawValue = newValue ? rawValue | 1 << 4 : rawValue & ~(1 << 4) }
  }
  var remote: DomainID { DomainID(rawValue: UInt16(truncatingIfNeeded: rawValue >> 8)) }
  var remotePort: EventChannelPort { EventChannelPort(rawValue: UInt32(rawValue >> 24 & 0xffff)) }
  var holder: EventFabric.Holder { rawValue >> 40 }
  /// The port that it is bound to.
  var far: PortPlace? { kind == .bound ? PortPlace(domain: remote, port: remotePort) : nil }

  mutating func bind(to far: PortPlace) {
    rawValue = rawValue & ~(0xffff_ffff << 8 | 3) | Kind.bound.rawValue
    rawValue |= UInt64(far.domain.rawValue) << 8 | UInt64(far.port.rawValue & 0xffff) << 24
  }

  /// Falls back to a port that its domain opened for the one that it was bound to.
  mutating func unbind() { rawValue = rawValue & ~(0xffff << 24 | 3) | Kind.unbound.rawValue }

  /// Sends an event to it.
  mutating func fire() {
    if stage == .ready { stage = .fired } else { isPending = true }
  }
}

/// Where a port is.
struct PortPlace: Hashable {
  let domain: DomainID
  let port: EventChannelPort
}

/// Every port that one domain can have. Whoever has the table reads and changes ports without a lock;
/// only what opens and closes them is one at a time.
final class PortTable: Sendable {
  /// Ports of a domain (two-level event channels of a 64-bit guest); port 0 is none.
  static let limit = 4096

  private let words: InlineArray<4096, Atomic<UInt64>> = InlineArray { _ in Atomic(0) }
  /// No port from here on was ever open.
  private let end = Atomic<Int>(1)

  /// What stands at a port; free where there is none.
  subscript(port: EventChannelPort) -> PortWord {
    guard let place = place(port) else { return .free }
    return PortWord(rawValue: words[place].load(ordering: .acquiring))
  }

  /// Changes a port, unless `change` says that it is not to be.
  ///
  /// - Returns: what stood there when `change` had the last word.
  @discardableResult
  func update(_ port: EventChannelPort, _ change: (inout PortWord) -> Bool) -> PortWord {
    guard let place = place(port) else { return .free }
    var seen = words[place].load(ordering: .acquiring)
    while true {
      var word = PortWord(rawValue: seen)
      guard change(&word) else { return PortWord(rawValue: seen) }
      let (isDone, now) = words[place].compareExchange(
        expected: seen, desired: word.rawValue, ordering: .acquiringAndReleasing)
      if isDone { return PortWord(rawValue: seen) }
      seen = now
    }
  }

  /// Opens the first free port; nil when none is left. Called by one thread at a time.
  func open(_ word: PortWord) -> EventChannelPort? {
    for place in 1..<Self.limit where words[place].load(ordering: .relaxed) == 0 {
      words[place].store(word.rawValue, ordering: .releasing)
      if place >= end.load(ordering: .relaxed) { end.store(place + 1, ordering: .relaxed) }
      return EventChannelPort(rawValue: UInt32(place))
    }
    return nil
  }

  /// The ports that are open. Called by one thread at a time.
  var open: [EventChannelPort] {
    (1..<end.load(ordering: .relaxed)).compactMap { place in
      let isOpen = words[place].load(ordering: .relaxed) != 0
      return isOpen ? EventChannelPort(rawValue: UInt32(place)) : nil
    }
  }

  private func place(_ port: EventChannelPort) -> Int? {
    1..<UInt32(Self.limit) ~= port.rawValue ? Int(port.rawValue) : nil
  }
}
