public import XenRing

/// One RX request that a case writes.
public struct RxSlot: Sendable {
  /// What it offers.
  public var grant: CaseGrant
  /// Its id; `nil` for one that tells its place among the case's requests.
  public var id: UInt16?
  /// What stands in the two octets that mean nothing.
  public var pad: UInt16

  /// A request.
  public init(_ grant: CaseGrant, id: UInt16? = nil, pad: UInt16 = 0) {
    self.grant = grant
    self.id = id
    self.pad = pad
  }
}

/// What an RX case does next.
public enum RxStep: Sendable {
  /// Writes requests to a queue's ring, publishes a producer this far beyond them (0: honest) and
  /// sends an event.
  case post([RxSlot], beyond: UInt32, queue: Int)
  /// Gives the backend frames for the guest.
  case send([CaseFrame])
  /// Lets time pass.
  case pause(milliseconds: UInt32)
}

/// How the guest of an RX case connects.
public struct RxGuest: Hashable, Sendable {
  /// Queues.
  public var queues = 1
  /// Keys in which it differs from a Linux guest that can do everything.
  public var keys: [String: String] = [:]

  /// One that can do all that Linux guests can.
  public init() {}

  /// Everything in which guests differ: what is not written would stand as the guest before left it.
  var allKeys: [String: String] {
    [
      "feature-sg": "1", "feature-gso-tcpv4": "1", "feature-gso-tcpv6": "1",
      "feature-rx-notify": "1", "feature-ipv6-csum-offload": "1", "feature-no-csum-offload": "0",
      "xdp-headroom": "0",
    ].merging(keys) { _, given in given }
  }
}

/// Requests and frames to ask a backend about.
public struct RxCase: RingCase {
  /// See `RingCase`.
  public typealias Answer = RxAnswer
  /// See `RingCase`.
  public typealias Player = RxPlayer
  /// See `RingCase`.
  public typealias Generator = RxGenerator
  /// See `RingCase`.
  public var name: String
  /// How the guest connects.
  public var guest = RxGuest()
  /// Index at which a fresh ring starts; `nil` when the case may go on in the ring of the one before.
  public var start: RingIndex?
  /// Messages on the control ring before all else, each of which must succeed.
  public var control: [ControlSlot] = []
  /// What happens.
  public var steps: [RxStep]

  /// Describes a case.
  public init(_ name: String, _ steps: [RxStep]) {
    self.name = name
    self.steps = steps
  }

  /// Whether a request names a page that was taken back.
  var needsRevoked: Bool {
    steps.contains { step in
      guard case .post(let slots, _, _) = step else { return false }
      return slots.contains { $0.grant == .revoked }
    }
  }
}

extension RxStep {
  /// Offers as many of the case's pages, from `first` on.
  static func post(_ count: Int, from first: Int = 0, queue: Int = 0) -> RxStep {
    let slots = (first..<first + count).map { RxSlot(.page(UInt8(truncatingIfNeeded: $0))) }
    return .post(slots, beyond: 0, queue: queue)
  }

  static func post(_ slots: [RxSlot]) -> RxStep { .post(slots, beyond: 0, queue: 0) }
}

extension RxCase {
  /// See `RingCase`.
  public static var named: [RxCase] { NamedRxCases.all }

  /// See `RingCase`.
  public static var last: [RxCase] { NamedRxCases.silent }
}
