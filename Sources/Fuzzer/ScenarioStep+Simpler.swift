import TraceFormat

extension ScenarioStep {
  /// How far from plain it is: what its octets add up to.
  var weight: Int { octets.reduce(0) { $0 + Int($1) } }

  /// Octets of its encoding.
  var octetCount: Int { octets.count }

  private var octets: [UInt8] {
    var fields = OctetFieldWriter()
    _ = try? ScenarioStep.code(self, of: kind.stage, &fields)
    return fields.octets
  }

  /// Steps of the same kind with a plainer number, one at a time.
  var simpler: [ScenarioStep] {
    switch self {
    case .send(let slot): slot.simpler.map { .send($0) }
    case .extra(let extra):
      [.extra(extra.with(\.flags, extra.flags & 1)), .extra(extra.with(\.low, 0))]
        + [.extra(extra.with(\.high, 0))]
    case .offer: [.offer(.page(0))]
    case .message(let message): message.simpler.map { .message($0) }
    case .raw(let ring, let words): words.simpler.map { .raw(ring, $0) }
    case .flip(let ring, _, let word, let value):
      [.flip(ring, back: 0, word: word, to: value), .flip(ring, back: 0, word: word, to: 0)]
    case .publish(let ring, _, let tells): [.publish(ring, beyond: 0, tells: tells)]
    case .listen(let ring, _): [.listen(ring, ahead: 0), .listen(ring, ahead: 1)]
    case .frame(let frame): frame.simpler.map { .frame($0) }
    case .pass(let milliseconds): [.pass(milliseconds: 0), .pass(milliseconds: milliseconds / 2)]
    case .grant(_, let access): [.grant(page: 0, access)]
    case .refuse(let page, let status):
      [.refuse(page: 0, status: status), .refuse(page: page, status: -1)]
    case .fill(_, _, let length, let octet):
      [.fill(page: 0, offset: 0, length: length, octet: octet)]
    case .word(let page, let place, _): [.word(page: page, place: place, 0)]
    case .rate(let octets, _):
      [.rate(octets: octets, milliseconds: 0), .rate(octets: 0, milliseconds: 0)]
    case .reconnect, .release, .die, .toolstack: []
    case .lie(let ahead, let status):
      [.lie(ahead: 0, status: status), .lie(ahead: ahead, status: -1)]
    case .key(let key): key.simpler.map { .key($0) }
    case .rings(let rings):
      [
        .rings(rings.with(\.more, 0)), .rings(rings.with(\.isSplit, false)),
        .rings(rings.with(\.hasControl, false)),
      ]
    case .ahead(let ring, let queue, let count):
      [.ahead(ring, queue: 0, count: count), .ahead(ring, queue: queue, count: 257)]
    case .packets(let queue, let count, let held):
      [
        .packets(queue: 0, count: count, held: held), .packets(queue: queue, count: 1, held: held),
        .packets(queue: queue, count: count, held: false),
      ]
    case .join: [.join(queue: 0)]
    case .deliver(_, let group): [.deliver(queue: 0, group: group)]
    case .storm(let ring, _, let events):
      [.storm(ring, queue: 0, events: events), .storm(ring, queue: 0, events: events / 2)]
    }
  }
}

extension ScenarioSlot {
  /// A page of its own, its start, the smallest packet, no flags.
  fileprivate var simpler: [ScenarioSlot] {
    [
      with(\.grant, .page(0)), with(\.offset, 0), with(\.size, 0), with(\.size, 14),
      with(\.size, 60),
      with(\.size, size / 2), with(\.flags, 0), with(\.flags, flags & 0xf),
      with(\.flags, flags & 4),
      with(\.flags, flags & 8),
    ]
  }
}

extension ScenarioKey {
  fileprivate var simpler: [ScenarioKey] {
    [
      with(\.form, .none), with(\.form, .plain), with(\.number, 0), with(\.place, 0),
      with(\.looks, true),
    ]
  }
}

extension ScenarioMessage {
  fileprivate var simpler: [ScenarioMessage] {
    [with(\.data0, 0), with(\.data1, 0), with(\.data2, 0), with(\.data0, ScenarioGrant.first)]
  }
}

extension ScenarioWords {
  fileprivate var simpler: [ScenarioWords] {
    [with(\.first, 0), with(\.second, 0), with(\.third, 0), with(\.fourth, 0)]
  }
}

extension ScenarioFrame {
  fileprivate var simpler: [ScenarioFrame] {
    [
      with(\.length, 60), with(\.length, length / 2), with(\.kind, 0), with(\.checksum, .unknown),
      with(\.segment, 0),
    ]
  }
}

/// Values of which a copy can be changed.
private protocol Alterable {}
extension ScenarioSlot: Alterable {}
extension ScenarioExtra: Alterable {}
extension ScenarioMessage: Alterable {}
extension ScenarioWords: Alterable {}
extension ScenarioFrame: Alterable {}
extension ScenarioKey: Alterable {}
extension ScenarioRings: Alterable {}

extension Alterable {
  fileprivate func with<Value>(_ field: WritableKeyPath<Self, Value>, _ value: Value) -> Self {
    var copy = self
    copy[keyPath: field] = value
    return copy
  }
}
