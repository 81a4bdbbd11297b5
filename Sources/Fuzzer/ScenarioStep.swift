import Netif
import XenRing

/// One step of a scenario.
public enum ScenarioStep: Hashable, Sendable {
  /// Writes a data slot of the TX ring; its id is its distance from the start, modulo 2¹⁶.
  case send(ScenarioSlot)
  /// Writes an extra info of the TX ring.
  case extra(ScenarioExtra)
  /// Writes a request of the RX ring; its id as with `send`.
  case offer(ScenarioGrant)
  /// Writes a message of the control ring; its id as with `send`.
  case message(ScenarioMessage)
  /// Writes any words into the next slot of a ring.
  case raw(ScenarioRing, ScenarioWords)
  /// From now on whoever reads a word of a slot a second time reads this: of the slot written `back` slots ago.
  case flip(ScenarioRing, back: UInt8, word: UInt8, to: UInt32)
  /// Says that there are requests up to what was written and `beyond` more, and tells the backend, or does not.
  case publish(ScenarioRing, beyond: UInt32, tells: Bool)
  /// Asks for an event when the answer lies so far ahead.
  case listen(ScenarioRing, ahead: UInt32)
  /// A frame comes for the guest.
  case frame(ScenarioFrame)
  /// Time passes, in milliseconds.
  case pass(milliseconds: UInt16)
  /// Lets the backend do this with a page from now on.
  case grant(page: UInt8, ScenarioAccess)
  /// Xen answers each operation on a page with this, and does nothing; 0 ends it. −32768: it writes no answer.
  case refuse(page: UInt8, status: Int16)
  /// Writes the same octet all over a piece of a page.
  case fill(page: UInt8, offset: UInt16, length: UInt16, octet: UInt8)
  /// Writes a word into a page, at the fourth part of an offset.
  case word(page: UInt8, place: UInt16, UInt32)
  /// Limits what the guest may send.
  case rate(octets: UInt32, milliseconds: UInt8)
  /// The guest closes, and connects again with fresh rings.
  case reconnect
  /// Xen answers the operation so far ahead with this, whichever page it is on, and does not do it; 0 takes that
  /// back. −32768: it writes no answer. By `ScenarioPath.lazy` copies alone count.
  case lie(ahead: UInt8, status: Int16)

  // Of a life on xenbus, with `pass`.

  /// The frontend writes a key, or removes it.
  case key(ScenarioKey)
  /// The guest lets go of its rings, makes fresh ones, and writes all their keys.
  case rings(ScenarioRings)
  /// A ring that no backend has attached yet claims so many requests more than were answered.
  case ahead(ScenarioRing, queue: UInt8, count: UInt32)
  /// The toolstack does something; whether the backend looks before the next step.
  case toolstack(ScenarioToolstack, looks: Bool)
  /// The guest sends packets on a queue; whoever gets their frames holds them, or does not.
  case packets(queue: UInt8, count: UInt8, held: Bool)
  /// The guest asks for the frames of a group of addresses.
  case join(queue: UInt8)
  /// A frame comes for the guest, to it or to that group.
  case deliver(queue: UInt8, group: Bool)
  /// Who holds frames lets them go.
  case release
  /// The guest sends events for nothing, two in a millisecond.
  case storm(ScenarioRing, queue: UInt8, events: UInt16)
  /// The guest dies.
  case die
}

/// A data slot of the TX ring.
public struct ScenarioSlot: Hashable, Sendable {
  /// The page.
  public var grant: ScenarioGrant
  /// First octet in it.
  public var offset: UInt16
  /// Octets; of the whole packet in its first slot.
  public var size: UInt16
  /// Flags as they lie in the slot.
  public var flags: UInt16

  /// Describes a slot.
  public init(_ grant: ScenarioGrant, offset: UInt16 = 0, size: UInt16, flags: UInt16 = 0) {
    self.grant = grant
    self.offset = offset
    self.size = size
    self.flags = flags
  }
}

/// What stands in a slot's grant field: the reference of a page, or one that was never granted.
public struct ScenarioGrant: RawRepresentable, Hashable, Sendable {
  /// Pages of a guest.
  public static var pages: Int { 16 }
  /// The page's number; from `pages` on none has it.
  public var rawValue: UInt8
  /// Any number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// A page.
  public static func page(_ number: UInt8) -> ScenarioGrant { ScenarioGrant(rawValue: number) }

  /// The reference: pages have 100 and on.
  public var reference: UInt32 { Self.first + UInt32(rawValue) }
  /// The reference of page 0.
  public static var first: UInt32 { 100 }

  /// The page that a reference stands for.
  static func page(of reference: UInt32) -> Int? {
    let place = Int(reference) - Int(first)
    return 0..<pages ~= place ? place : nil
  }
}

/// An extra info as it lies in its slot.
public struct ScenarioExtra: Hashable, Sendable {
  /// Its type.
  public var type: UInt8
  /// Its flags: bit 0 says that another follows.
  public var flags: UInt8
  /// Octets 2 and 3: a segment's size, the first of an address.
  public var low: UInt16
  /// Octets 4 to 7: a segmentation's type, the rest of an address.
  public var high: UInt32

  /// Describes an extra info.
  public init(type: UInt8, flags: UInt8 = 0, low: UInt16 = 0, high: UInt32 = 0) {
    self.type = type
    self.flags = flags
    self.low = low
    self.high = high
  }

  var words: SlotWords { [UInt32(type) | UInt32(flags) << 8 | UInt32(low) << 16, high, 0, 0] }
}

/// A message of the control ring.
public struct ScenarioMessage: Hashable, Sendable {
  /// Its type.
  public var type: UInt16
  /// Its first argument.
  public var data0: UInt32
  /// Its second argument.
  public var data1: UInt32
  /// Its third argument.
  public var data2: UInt32

  /// Describes a message.
  public init(_ type: UInt16, _ data0: UInt32 = 0, _ data1: UInt32 = 0, _ data2: UInt32 = 0) {
    self.type = type
    self.data0 = data0
    self.data1 = data1
    self.data2 = data2
  }
}

/// Words of a slot.
public struct ScenarioWords: Hashable, Sendable {
  /// The first word.
  public var first: UInt32
  /// The second word.
  public var second: UInt32
  /// The third word, where a ring's slots have one.
  public var third: UInt32
  /// The fourth word, where a ring's slots have one.
  public var fourth: UInt32

  /// Describes a slot.
  public init(_ first: UInt32, _ second: UInt32 = 0, _ third: UInt32 = 0, _ fourth: UInt32 = 0) {
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
  }

  var words: SlotWords { [first, second, third, fourth] }
}

/// A frame for the guest.
public struct ScenarioFrame: Hashable, Sendable {
  /// Octets, at least 14.
  public var length: UInt16
  /// Which headers it has: the number of a page, whose first octets it begins with.
  public var kind: UInt8
  /// What is known of its checksum.
  public var checksum: ScenarioChecksum
  /// Octets of a segment; 0 when it is not to be cut.
  public var segment: UInt16
  /// How it is to be cut: 1 or 2.
  public var type: UInt8

  /// Describes a frame.
  public init(
    _ length: UInt16, kind: UInt8 = 0, checksum: ScenarioChecksum = .unknown, segment: UInt16 = 0,
    type: UInt8 = 1
  ) {
    self.length = length
    self.kind = kind
    self.checksum = checksum
    self.segment = segment
    self.type = type
  }
}
