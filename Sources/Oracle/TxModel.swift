public import Netif
public import XenRing

/// The rules of the TX ring as a program that can be run: slots in, what must come of them out.
///
/// It is what netbacks are held to. It is written for itself, from the protocol's text and from what
/// Linux does, and shares nothing with `Netback` or with the rules of `Netif` but the layout of a slot.
/// It has no memory, no grants, no threads; where Linux leaves an order to chance, it takes one.
public struct TxModel {
  /// Gives the octets of a page that the guest lets the backend read; `nil` for any other reference.
  public typealias Pages = (_ grant: UInt32) -> [UInt8]?

  /// A packet that is to be delivered, and the place of its verdict.
  private struct Accepted {
    let packet: ModelPacket
    let delivery: ModelDelivery
    let verdict: Int
  }

  private static let batchPackets = 64
  private static let multicastAddresses = 64

  private let profile: ModelProfile
  private let pages: Pages
  private var ring: ModelRing
  private var credit = ModelCredit(connected: 0)
  private var addresses: [UInt64] = []
  /// Whether the guest was cut off.
  public private(set) var isDisabled = false

  /// A vif whose ring starts at `start`.
  public init(profile: RuleProfile, start: UInt32 = 0, pages: @escaping Pages) {
    self.profile = ModelProfile(profile)
    self.pages = pages
    ring = ModelRing(start: start)
  }

  /// The guest has closed, and connected again with a fresh ring at `now`, in milliseconds. It stays cut off
  /// if it was; what it may send must be said again.
  public mutating func reconnect(start: UInt32, now: UInt64 = 0) {
    ring.restart(at: start)
    credit = ModelCredit(connected: now)
    addresses.removeAll()
  }

  /// Another guest takes its place, which was not cut off.
  public mutating func restart(start: UInt32) {
    reconnect(start: start)
    isDisabled = false
  }

  /// What the guest may send from now on, in octets per window; the time is `now`, in milliseconds.
  public mutating func limit(bytes: UInt64, milliseconds: UInt64, now: UInt64) {
    credit.change(bytes: bytes, milliseconds: milliseconds, now: now)
  }

  /// When something is to be done that waits for credit, in milliseconds.
  public var alarm: UInt64? { isDisabled ? nil : credit.alarm }

  /// Writes the next slot of the ring.
  public mutating func write(_ slot: SlotWords) { ring.write(slot) }

  /// Says that there are slots up to what was written, and `beyond` more.
  public mutating func publish(beyond: UInt32 = 0) { ring.publish(beyond: beyond) }

  /// Does all that can be done at `now`, in milliseconds, up to a packet that waits for credit; its alarm may
  /// be over already.
  public mutating func run(now: UInt64 = 0) -> ModelOutcome {
    var outcome = ModelOutcome()
    while batch(now, &outcome), credit.alarm == nil {}
    return outcome
  }

  /// Takes packets as Linux does in one go: those that are refused are answered at once, then all others.
  ///
  /// - Returns: whether there may be more to do.
  private mutating func batch(_ now: UInt64, _ outcome: inout ModelOutcome) -> Bool {
    var accepted: [Accepted] = []
    var goesOn = true
    let before = ring.consumed
    while goesOn, accepted.count < Self.batchPackets, let packet = next(now, &outcome) {
      goesOn = take(packet, &accepted, &outcome)
    }
    for taken in accepted {
      answer(taken.delivery.polled, &outcome)
      let frame = taken.delivery.frame.flatMap { finished($0, taken.packet) }
      if let frame { outcome.frames.append(frame) }
      outcome.verdicts[taken.verdict] = frame == nil ? .lost : .delivered
    }
    for taken in accepted { answer(taken.delivery.released, &outcome) }
    return !isDisabled && ring.consumed != before
  }

  /// The packet at the next slot, if there is one and it is paid for.
  private mutating func next(_ now: UInt64, _ outcome: inout ModelOutcome) -> ModelPacket? {
    guard !isDisabled else { return nil }
    guard ring.claimed <= ModelRing.slots else {
      disable(.producer, &outcome)
      return nil
    }
    guard ring.available > 0 else { return nil }
    if ring.claimed > 192 { outcome.passed.insert(ModelRules(.producer)) }
    let packet = ModelPacket(from: ring)
    guard credit.pay(packet.total, now: now) else { return nil }
    return packet
  }

  /// Decides about a packet.
  ///
  /// - Returns: whether the batch goes on.
  private mutating func take(
    _ packet: ModelPacket, _ accepted: inout [Accepted], _ outcome: inout ModelOutcome
  ) -> Bool {
    let verdict = packet.judgement(by: profile)
    if case .fatal(let rule)? = verdict {
      disable(rule, &outcome)
      return false
    }
    ring.pass(packet.slots)
    switch verdict {
    case nil:
      let delivery = ModelDelivery(packet, page: pages)
      answer(delivery.empty, &outcome)
      outcome.passed.formUnion(packet.passed)
      accepted.append(Accepted(packet: packet, delivery: delivery, verdict: outcome.verdicts.count))
      outcome.verdicts.append(.delivered)
      return true
    case .multicast?:
      outcome.verdicts.append(.multicast)
      answer([packet.answer(0, changeAddresses(packet))], &outcome)
      return true
    case let refused?:
      if refused == .refused(.slotLimit) { outcome.passed.insert(ModelRules(.slotLimitFatal)) }
      outcome.verdicts.append(refused)
      answer(packet.parts.indices.map { packet.answer($0, .error) }, &outcome)
      return false
    }
  }

  private mutating func disable(_ rule: ModelRule, _ outcome: inout ModelOutcome) {
    isDisabled = true
    outcome.verdicts.append(.fatal(rule))
  }

  private mutating func answer(_ answers: [ModelAnswer], _ outcome: inout ModelOutcome) {
    for answer in answers { ring.answer(answer) }
    outcome.answers += answers
  }

  private mutating func changeAddresses(_ packet: ModelPacket) -> NetifStatus {
    if let address = packet.adds {
      guard addresses.count < Self.multicastAddresses else { return .error }
      addresses.append(address)
    } else if let place = addresses.firstIndex(where: { $0 == packet.removes }) {
      addresses.remove(at: place)
    }
    return .okay
  }

  /// The frame as the network gets it; `nil` where its headers must be read and cannot.
  private func finished(_ frame: [UInt8], _ packet: ModelPacket) -> [UInt8]? {
    let isBlank = packet.flags.contains(.checksumBlank)
    guard isBlank || packet.segmentation != nil else { return frame }
    guard let headers = ModelHeaders(frame) else { return nil }
    var frame = frame
    // A guest that wants its packet cut must have left the checksum blank; one that forgot is helped.
    if !isBlank {
      frame[headers.checksum] = UInt8(headers.pseudo >> 8)
      frame[headers.checksum + 1] = UInt8(headers.pseudo & 0xff)
    }
    return frame
  }
}

extension ModelPacket {
  fileprivate func answer(_ part: Int, _ status: NetifStatus) -> ModelAnswer {
    ModelAnswer(
      id: parts[part].request.id, status: status, nulls: part == 0 ? extras : 0)
  }
}
