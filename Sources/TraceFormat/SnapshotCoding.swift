internal import Netif
internal import XenInterface
internal import XenRing

extension VifSnapshot {
  static var leastSize: Int { 40 }

  /// The snapshot as the payload of a `snapshot` event.
  public func encoded() -> [UInt8] {
    var buffer = OctetBuffer()
    append(to: &buffer)
    return buffer.bytes.array
  }

  /// Parses the payload of a `snapshot` event.
  public init(encoded: RawSpan) throws(Corruption) {
    var cursor = OctetCursor(encoded)
    try self.init(&cursor)
  }

  func append(to target: inout OctetBuffer) {
    target.append(littleEndian: domain.rawValue)
    target.append(littleEndian: features.rawValue)
    target.append(littleEndian: handle.rawValue)
    target.append(isDisabled ? 1 : 0)
    target.append(control == nil ? 0 : 1)
    target.appendReserved(2)
    if let control { control.append(to: &target) }
    target.append(littleEndian: UInt32(multicast.count))
    for address in multicast { target.append(littleEndian: address.bits) }
    target.append(littleEndian: hash.algorithm)
    target.append(littleEndian: hash.types)
    target.append(counted: hash.key)
    target.append(littleEndian: UInt32(hash.mapping.count))
    for queue in hash.mapping { target.append(littleEndian: queue) }
    target.append(littleEndian: UInt32(keys.count))
    for key in keys {
      target.append(key.name)
      target.append(key.value)
    }
    target.append(littleEndian: UInt32(queues.count))
    for queue in queues { queue.append(to: &target) }
  }

  init(_ cursor: inout OctetCursor) throws(Corruption) {
    let domain = DomainID(rawValue: try cursor.take(UInt16.self))
    let features = NetifFeatures(rawValue: try cursor.take(UInt16.self))
    let handle = VifHandle(rawValue: try cursor.take(UInt32.self))
    self.init(domain: domain, handle: handle, features: features)
    isDisabled = try cursor.take(UInt8.self, below: 2) != 0
    let hasControl = try cursor.take(UInt8.self, below: 2) != 0
    try cursor.takeReserved(2)
    if hasControl { control = try QueueSnapshot.Indices(&cursor) }
    for _ in 0..<(try cursor.takeCount(ofSize: 8)) {
      multicast.append(MACAddress(bits: try cursor.take(UInt64.self, below: 1 << 48)))
    }
    hash.algorithm = try cursor.take(UInt32.self)
    hash.types = try cursor.take(UInt32.self)
    hash.key = try cursor.takeOctets()
    for _ in 0..<(try cursor.takeCount(ofSize: 4)) {
      hash.mapping.append(try cursor.take(UInt32.self))
    }
    for _ in 0..<(try cursor.takeCount(ofSize: 8)) {
      keys.append(Key(name: try cursor.takeString(), value: try cursor.takeString()))
    }
    for _ in 0..<(try cursor.takeCount(ofSize: QueueSnapshot.leastSize)) {
      queues.append(try QueueSnapshot(&cursor))
    }
  }
}

extension QueueSnapshot {
  static var leastSize: Int { 88 }

  func append(to target: inout OctetBuffer) {
    tx.append(to: &target)
    rx.append(to: &target)
    target.append(littleEndian: remainingCredit)
    target.append(littleEndian: creditBytes)
    target.append(littleEndian: creditMicroseconds)
    target.append(littleEndian: queuedFrames)
    target.append(littleEndian: queuedOctets)
    target.append(littleEndian: UInt32(unanswered.count))
    for entry in unanswered {
      let words = entry.request.words
      for word in 0..<3 { target.append(littleEndian: words[word]) }
      target.append(littleEndian: UInt32(entry.extras))
    }
    append(txSlots, words: 3, to: &target)
    append(rxSlots, words: 2, to: &target)
  }

  init(_ cursor: inout OctetCursor) throws(Corruption) {
    self.init(tx: try Indices(&cursor), rx: try Indices(&cursor))
    remainingCredit = try cursor.take(UInt64.self)
    creditBytes = try cursor.take(UInt64.self)
    creditMicroseconds = try cursor.take(UInt64.self)
    queuedFrames = try cursor.take(UInt32.self)
    queuedOctets = try cursor.take(UInt64.self)
    for _ in 0..<(try cursor.takeCount(ofSize: 16)) {
      let words: SlotWords = [
        try cursor.take(UInt32.self), try cursor.take(UInt32.self),
        try cursor.take(UInt32.self), 0,
      ]
      let extras = UInt8(try cursor.take(UInt32.self, below: 256))
      unanswered.append(Unanswered(request: TxRequest(words: words), extras: extras))
    }
    txSlots = try Self.slots(&cursor, words: 3)
    rxSlots = try Self.slots(&cursor, words: 2)
  }

  private func append(_ slots: [Slot], words count: Int, to target: inout OctetBuffer) {
    target.append(littleEndian: UInt32(slots.count))
    for slot in slots {
      target.append(littleEndian: slot.index.rawValue)
      target.append(littleEndian: slot.words.w0)
      target.append(littleEndian: slot.words.w1)
      if count > 2 { target.append(littleEndian: slot.words.w2) }
    }
  }

  private static func slots(
    _ cursor: inout OctetCursor, words count: Int
  ) throws(Corruption) -> [Slot] {
    var slots: [Slot] = []
    for _ in 0..<(try cursor.takeCount(ofSize: 4 + 4 * count)) {
      let index = RingIndex(rawValue: try cursor.take(UInt32.self))
      let words = TraceEvent.Words(
        try cursor.take(UInt32.self), try cursor.take(UInt32.self),
        count > 2 ? try cursor.take(UInt32.self) : 0)
      slots.append(Slot(index: index, words: words))
    }
    return slots
  }
}

extension QueueSnapshot.Indices {
  func append(to target: inout OctetBuffer) {
    for index in [
      requestConsumer, responseProducer, requestProducer, requestEvent, responseEvent,
    ] {
      target.append(littleEndian: index.rawValue)
    }
  }

  init(_ cursor: inout OctetCursor) throws(Corruption) {
    self.init()
    requestConsumer = RingIndex(rawValue: try cursor.take(UInt32.self))
    responseProducer = RingIndex(rawValue: try cursor.take(UInt32.self))
    requestProducer = RingIndex(rawValue: try cursor.take(UInt32.self))
    requestEvent = RingIndex(rawValue: try cursor.take(UInt32.self))
    responseEvent = RingIndex(rawValue: try cursor.take(UInt32.self))
  }
}
