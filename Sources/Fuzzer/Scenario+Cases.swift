import Netif
public import RingCases
import XenRing

/// Scenarios as cases, which can be put to any backend on a real Xen, Linux's among them.
///
/// Only what a guest does by itself goes into a case: what Xen answers, memory that changes between two reads and
/// the passing of time are left out, and what is claimed without an event is claimed with the next one.
extension Scenario {
  /// Slots that a case writes at once, at most.
  private static let most = 250
  /// Octets of the longest frame that an interface of Linux takes.
  private static let longest = 65_000
  /// Octets of frames for a guest that offers nothing, below what a queue holds.
  private static let flood = 400_000

  /// The first scenarios of a seed that can be cases of one ring.
  public static func cases<Asked>(
    of target: ScenarioTarget, seed: UInt64, _ count: Int, _ make: (Scenario, String) -> Asked?
  ) -> [Asked] {
    var generator = ScenarioGenerator(seed: seed)
    var cases: [Asked] = []
    while cases.count < count {
      let scenario = generator.scenario(target)
      if let asked = make(scenario, "seed-\(seed)/\(cases.count)") { cases.append(asked) }
    }
    return cases
  }

  /// Whether cases say all of it: nothing happens but what a guest does by itself.
  public var isGuestsAlone: Bool {
    steps.allSatisfy { step in
      switch step {
      case .send, .extra, .offer, .message, .raw, .publish, .frame, .reconnect: true
      case .flip, .listen, .pass, .grant, .refuse, .fill, .word, .rate, .lie: false
      case .key, .rings, .ahead, .toolstack, .packets, .join, .deliver, .release, .storm, .die:
        false
      }
    }
  }

  /// Its packets; `nil` where there are none, or where Linux may answer one thing or another.
  public func txCase(_ name: String) -> TxCase? {
    var (steps, slots) = ([CaseStep](), [CaseSlot]())
    for step in self.steps {
      switch step {
      case .send(let slot): slots.append(slot.asked)
      case .extra(let extra): slots.append(CaseSlot(raw: extra.words))
      case .raw(.tx, let words): slots.append(CaseSlot(raw: words.withoutGrant))
      case .publish(.tx, let beyond, tells: true):
        // What is claimed within the ring is what others have left there.
        let lie = beyond > NetifLimits.ringSize ? beyond : 0
        steps.append(.publish(Array(slots.prefix(Self.most)), beyond: lie))
        slots = []
      case .reconnect: steps.append(.reconnect)
      default: break
      }
    }
    let asked = TxCase(name, start: vif.start == 0 ? nil : vif.start, steps)
    let isSomething = asked.publishes.contains { !$0.isEmpty }
    return isSomething && asked.canBeAsked && !asked.outlivesItsVif ? asked : nil
  }

  /// Its requests and frames; `nil` where there are none.
  public func rxCase(_ name: String) -> RxCase? {
    // Linux counts requests without the headroom and its extra, and takes some that nobody has published.
    guard vif.features.contains(.rxNotify), vif.headroom == 0 else { return nil }
    var (steps, slots, waiting) = ([RxStep](), [RxSlot](), 0)
    for step in self.steps {
      switch step {
      case .offer(let grant): slots.append(RxSlot(grant.asked))
      case .raw(.rx, let words):
        slots.append(
          RxSlot(
            .unknown, id: UInt16(truncatingIfNeeded: words.first),
            pad: UInt16(words.first >> 16)))
      case .publish(.rx, _, tells: true):
        steps.append(.post(Array(slots.prefix(Self.most)), beyond: 0, queue: 0))
        slots = []
      case .frame(let frame) where waiting < Self.flood:
        let asked = frame.asked(vif.features, atMost: Self.longest)
        steps.append(.send([asked]))
        waiting += asked.length
      default: break
      }
    }
    guard waiting > 0 else { return nil }
    var asked = RxCase(name, steps)
    asked.start = RingIndex(rawValue: vif.start)
    asked.guest.keys = vif.keys
    return asked
  }

  /// Its messages, up to a claim of more than there are; `nil` where there are none.
  public func controlCase(_ name: String) -> ControlCase? {
    var (steps, messages, lies) = ([ControlStep](), [ControlSlot](), false)
    for step in self.steps where !lies {
      switch step {
      case .message(let message): messages.append(message.asked)
      case .publish(.control, let beyond, tells: true):
        let count = UInt32(ControlCase.ringSize) / 2
        steps.append(.publish(Array(messages.prefix(Int(count))), beyond: min(beyond, count)))
        (messages, lies) = ([], beyond > 0)
      case .reconnect: steps.append(.reconnect)
      default: break
      }
    }
    let asked = ControlCase(name, start: vif.start == 0 ? nil : vif.start, steps)
    return asked.publishes.contains { !$0.isEmpty } ? asked : nil
  }
}

// MARK: - Parts of cases

extension TxCase {
  /// Whether it connects again where its vif is disabled: Linux's interface cannot tell then.
  fileprivate var outlivesItsVif: Bool {
    let reconnects = steps.contains { if case .reconnect = $0 { true } else { false } }
    return reconnects && modelled(by: .linux).isDisabled
  }
}

extension ScenarioGrant {
  fileprivate var asked: CaseGrant {
    rawValue < Self.pages ? .page(rawValue) : rawValue % 2 == 0 ? .unknown : .revoked
  }
}

extension ScenarioSlot {
  fileprivate var asked: CaseSlot {
    CaseSlot(grant.asked, offset: offset, size: size, flags: TxFlags(rawValue: flags))
  }
}

extension ScenarioWords {
  /// Any words, but no reference of a real guest's.
  fileprivate var withoutGrant: SlotWords { [first | 0x4000_0000, second, third, fourth] }
}

extension ScenarioMessage {
  /// Only keys and mappings refer to pages.
  fileprivate var asked: ControlSlot {
    let slot = ControlSlot(type, data0, data1, data2)
    guard let message = ControlMessage(rawValue: type),
      [.setHashKey, .setHashMapping].contains(message)
    else { return slot }
    let page = ScenarioGrant.page(of: data0)
    return ControlSlot(
      message, page.map { .page(UInt8($0 % ControlCase.pageCount)) } ?? .unknown, data1, data2)
  }
}

extension ScenarioFrame {
  /// A frame of that length and those headers that a host can hand over.
  fileprivate func asked(_ features: NetifFeatures, atMost longest: Int) -> CaseFrame {
    let length = min(max(Int(length), 14), longest)
    let isIPv6 = type == Segmentation.tcpv6
    if segment > 0, length > 1600, features.contains(isIPv6 ? .gsoTCPv6 : .gsoTCPv4) {
      return .uncut(length, segment: segment, isIPv6: isIPv6)
    }
    if checksum == .partial, length >= 74 { return .unfinished(length, kind: Int(kind) % 4) }
    return CaseFrame(length, kind: Int(kind))
  }
}

extension ScenarioVif {
  /// The keys in which the guest differs from one that can do everything.
  fileprivate var keys: [String: String] {
    var keys: [String: String] = [:]
    if !features.contains(.gsoTCPv4) { keys["feature-gso-tcpv4"] = "0" }
    if !features.contains(.gsoTCPv6) { keys["feature-gso-tcpv6"] = "0" }
    if headroom > 0 { keys["xdp-headroom"] = "\(headroom)" }
    return keys
  }
}
