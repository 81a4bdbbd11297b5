internal import XenInterface
internal import XenRing

extension TraceRing {
  /// The ring of a number below 3.
  init(number: UInt32) { self = number == 0 ? .tx : number == 1 ? .rx : .control }
}

extension TraceSide {
  /// The side of a number below 2.
  init(number: UInt32) { self = number == 0 ? .frontend : .backend }
}

extension TraceModel {
  @inline(__always) private mutating func ring<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ actual: TraceRing
  ) throws(Corruption) -> UInt32 {
    let number = try coder.code(
      0, UInt32(actual.rawValue), predicted: self[.lastRing], below: 3)
    self[.lastRing] = number
    return number
  }

  mutating func requestProducer<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ ring: TraceRing, _ actual: UInt32
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.requestProducer)
    let number = try self.ring(&coder, ring)
    let index = try coder.code(1, actual, predicted: self[.producer, number])
    self[.producer, number] = index
    return .requestProducer(ring: TraceRing(number: number), index: RingIndex(rawValue: index))
  }

  mutating func responseProducer<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ ring: TraceRing, _ actual: UInt32
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.responseProducer)
    let number = try self.ring(&coder, ring)
    let index = try coder.code(1, actual, predicted: self[.responseNext, number])
    return .responseProducer(ring: TraceRing(number: number), index: RingIndex(rawValue: index))
  }

  mutating func eventIndex<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ ring: TraceRing, by side: TraceSide, _ actual: UInt32
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.eventIndex)
    let which = UInt32(ring.rawValue) | UInt32(side.rawValue) << 2
    let number = try coder.code(0, which, predicted: self[.lastEvent], below: 7)
    guard number & 3 != 3 else { throw .value }
    self[.lastEvent] = number
    let next = number & 4 == 0 ? self[.responseNext, number & 3] : self[.slotNext, number & 3]
    let index = try coder.code(1, actual, predicted: next &+ 1)
    return .eventIndex(
      ring: TraceRing(number: number & 3), by: TraceSide(number: number >> 2),
      index: RingIndex(rawValue: index))
  }

  mutating func notification<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ ring: TraceRing, by side: TraceSide
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.notification)
    let which = UInt32(ring.rawValue) | UInt32(side.rawValue) << 2
    let number = try coder.code(0, which, predicted: self[.lastNotification], below: 7)
    guard number & 3 != 3 else { throw .value }
    self[.lastNotification] = number
    return .notification(
      ring: TraceRing(number: number & 3), by: TraceSide(number: number >> 2))
  }

  mutating func pollBegin<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ ring: TraceRing, budget actual: UInt32
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.pollBegin)
    let number = try self.ring(&coder, ring)
    let budget = try coder.code(1, actual, predicted: self[.budget, number])
    self[.budget, number] = budget
    self[.packets] = 0
    return .pollBegin(ring: TraceRing(number: number), budget: budget)
  }

  mutating func pollEnd<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ ring: TraceRing, consumer: UInt32, producer: UInt32, packets: UInt32
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.pollEnd)
    let number = try self.ring(&coder, ring)
    let taken = try coder.code(1, consumer, predicted: self[.slotNext, number])
    let answered = try coder.code(2, producer, predicted: self[.responseNext, number])
    let count = try coder.code(3, packets, predicted: self[.packets])
    return .pollEnd(
      ring: TraceRing(number: number), consumer: RingIndex(rawValue: taken),
      producer: RingIndex(rawValue: answered), packets: count)
  }

  // MARK: - Events of the vif as a whole

  mutating func state<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ state: XenbusState, of side: TraceSide
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.state)
    let value = try coder.code(0, UInt32(state.rawValue), predicted: 0, below: 9)
    let end = try coder.code(1, UInt32(side.rawValue), predicted: 0, below: 2)
    return .state(
      XenbusState(rawValue: UInt8(value)) ?? .unknown, of: TraceSide(number: end))
  }

  mutating func key<C: FieldCoder & ~Copyable>(
    _ coder: inout C, of side: TraceSide, length: UInt32
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.key)
    let end = try coder.code(0, UInt32(side.rawValue), predicted: 0, below: 2)
    let count = try coder.code(1, length, predicted: 0)
    return .key(of: TraceSide(number: end), length: count)
  }

  mutating func gap<C: FieldCoder & ~Copyable>(
    _ coder: inout C, lost: UInt64
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.gap)
    let low = try coder.code(0, UInt32(truncatingIfNeeded: lost), predicted: 0)
    let high = try coder.code(1, UInt32(lost >> 32), predicted: 0)
    return .gap(lost: UInt64(high) << 32 | UInt64(low))
  }
}
