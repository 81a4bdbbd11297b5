public import Netif
public import XenRing

/// The rules of the TX ring as a program that can be run: slots in, what must come of them out.
///
/// It is what netbacks are held to. It is written for itself, from the protocol's text and from what
/// Linux does, and shares nothing with `Netback` or with the rules of `Netif` but the layout of a slot.
/// It has no memory, no grants, no threads; where Linux leaves an order to chance, it takes one.
public struct TxModel {
  /// Gives the octets of a page that the guest lets the backend read; `nil` for any other reference. It is asked
  /// once for each operation of a backend, in their order.
  public typealias Pages = (_ grant: UInt32) -> [UInt8]?

  private static let batchPackets = 64
  private static let multicastAddresses = 64

  private let profile: ModelProfile
  private let pages: Pages
  private let mapping: Mapping?
  private let holds: Bool
  private var held = ModelHeld()
  private var released: [ModelAnswer] = []
  private var ring: ModelRing
  private var credit = ModelCredit(connected: 0)
  private var addresses: [UInt64] = []
  /// The packet that was read last.
  private var packet = ModelPacket()
  /// The packets of the batch that are to be delivered.
  private var batch = ModelBatch()
  private var outcome = ModelOutcome()
  /// Answers of the outcome that stand in the ring.
  private var answered = 0
  /// Whether the guest was cut off.
  public private(set) var isDisabled = false

  /// A vif whose ring starts at `start`.
  ///
  /// - Parameters:
  ///   - profile: whose rules.
  ///   - start: index of the first slot.
  ///   - mapping: how its backend maps, if it does.
  ///   - holds: whether frames are held until `release`.
  ///   - pages: what the guest has granted.
  public init(
    profile: RuleProfile, start: UInt32 = 0, mapping: Mapping? = nil, holds: Bool = false,
    pages: @escaping Pages
  ) {
    self.profile = ModelProfile(profile)
    self.mapping = mapping
    self.holds = holds
    self.pages = pages
    ring = ModelRing(start: start)
  }

  /// The guest has closed, and connected again with a fresh ring at `now`, in milliseconds. It stays cut off
  /// if it was; what it may send must be said again.
  public mutating func reconnect(start: UInt32, now: UInt64 = 0) {
    ring.restart(at: start)
    credit = ModelCredit(connected: now)
    addresses.removeAll(keepingCapacity: true)
    held.forget()
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
  ///
  /// What it returned before is best let go by then: what came of this run takes its room.
  public mutating func run(now: UInt64 = 0) -> ModelOutcome {
    outcome.forget()
    answered = 0
    while takeBatch(now), credit.alarm == nil {}
    return outcome
  }

  /// All frames that are held are let go, the last one first.
  ///
  /// What it returned before is best let go by then: these answers take its room.
  ///
  /// - Returns: the answers to their slots.
  public mutating func release() -> [ModelAnswer] {
    released.removeAll(keepingCapacity: true)
    held.release(&released)
    for answer in released { ring.answer(answer) }
    return released
  }

  /// Takes packets as Linux does in one go: those that are refused are answered at once, then all others.
  ///
  /// - Returns: whether there may be more to do.
  private mutating func takeBatch(_ now: UInt64) -> Bool {
    let before = ring.consumed
    var goesOn = true
    while goesOn, batch.packets.count < Self.batchPackets, readPacket(now) { goesOn = takePacket() }
    batch.map()
    for place in batch.packets.indices { deliver(batch.packets[place]) }
    for place in batch.packets.indices { letGo(batch.packets[place]) }
    batch.forget()
    return !isDisabled && ring.consumed != before
  }

  /// A frame has left; one that nobody gets is not held.
  private mutating func letGo(_ packet: ModelBatch.Packet) {
    let delivery = batch.delivery(of: packet)
    if holds, outcome.verdicts[packet.verdict] == .delivered { return held.add(delivery) }
    delivery.release(&outcome.answers)
    writeAnswers()
  }

  /// Reads the packet at the next slot.
  ///
  /// - Returns: whether there is one and it is paid for.
  private mutating func readPacket(_ now: UInt64) -> Bool {
    guard !isDisabled else { return false }
    guard ring.claimed <= ModelRing.slots else {
      disable(.producer)
      return false
    }
    guard ring.available > 0 else { return false }
    if ring.claimed > 192 { outcome.passed.insert(ModelRules(.producer)) }
    packet.read(from: ring)
    return credit.pay(packet.total, now: now)
  }

  /// Decides about the packet.
  ///
  /// - Returns: whether the batch goes on.
  private mutating func takePacket() -> Bool {
    let verdict = packet.judgement(by: profile)
    if case .fatal(let rule)? = verdict {
      disable(rule)
      return false
    }
    ring.pass(packet.slots)
    defer { writeAnswers() }
    switch verdict {
    case nil:
      batch.add(
        packet, verdict: outcome.verdicts.count, page: pages,
        mapping: mapping.flatMap { packet.total > $0.above ? $0 : nil },
        answers: &outcome.answers)
      outcome.passed.formUnion(packet.passed)
      outcome.verdicts.append(.delivered)
      return true
    case .multicast?:
      outcome.verdicts.append(.multicast)
      outcome.answers.append(packet.answer(0, changeAddresses()))
      return true
    case let refused?:
      if refused == .refused(.slotLimit) { outcome.passed.insert(ModelRules(.slotLimitFatal)) }
      outcome.verdicts.append(refused)
      for part in packet.parts.indices { outcome.answers.append(packet.answer(part, .error)) }
      return false
    }
  }

  private mutating func disable(_ rule: ModelRule) {
    isDisabled = true
    outcome.verdicts.append(.fatal(rule))
  }

  /// Writes the answers that were given since the last time into the ring.
  private mutating func writeAnswers() {
    for answer in outcome.answers[answered...] { ring.answer(answer) }
    answered = outcome.answers.count
  }

  private mutating func changeAddresses() -> NetifStatus {
    if let address = packet.adds {
      guard addresses.count < Self.multicastAddresses else { return .error }
      addresses.append(address)
    } else if let place = addresses.firstIndex(where: { $0 == packet.removes }) {
      addresses.remove(at: place)
    }
    return .okay
  }

  /// Hands a packet's frame over, if it came whole and can be finished.
  private mutating func deliver(_ packet: ModelBatch.Packet) {
    let delivery = batch.delivery(of: packet)
    delivery.poll(&outcome.answers)
    writeAnswers()
    if delivery.isWhole { delivery.put(into: &outcome.frames) }
    guard delivery.isWhole, finish(packet) else {
      outcome.frames.abandon()
      return outcome.verdicts[packet.verdict] = .lost
    }
    outcome.frames.finish()
  }

  /// Makes the frame as the network gets it.
  ///
  /// - Returns: whether it could: not where its headers must be read and cannot.
  private mutating func finish(_ packet: ModelBatch.Packet) -> Bool {
    guard packet.isBlank || packet.isCut else { return true }
    guard let headers = ModelHeaders(outcome.frames.unfinished) else { return false }
    // A guest that wants its packet cut must have left the checksum blank; one that forgot is helped.
    if !packet.isBlank {
      outcome.frames.set(UInt8(headers.pseudo >> 8), at: headers.checksum)
      outcome.frames.set(UInt8(headers.pseudo & 0xff), at: headers.checksum + 1)
    }
    return true
  }
}
