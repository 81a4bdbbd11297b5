import Netback
import Netfront
import Netif
import TraceFormat
import XenInterface
import XenRing

/// The control ring of a vif that is replayed: the guest's half, and the poll whose events are
/// gathered.
///
/// One page stands for all that messages point at: what the trace knows of it is written when the
/// backend has taken the message, and before it looks.
final class ControlReplay {
  /// A reference that is in no table.
  static let badReference: UInt32 = 0xffff_f200
  /// The number of no queue.
  private static let noQueue = UInt32.max

  let judge: Judge
  /// Whether messages about staging grants are left out: either backend keeps pages mapped, and the
  /// pages of the trace are none of this world's.
  private let passesStaging: Bool
  private let control: ControlQueue<SharedPage>
  private let channel: ControlChannel
  private let page: any GrantedPages
  private let witness: Witness
  private var turn = Turn()
  private var messages: [RecordedMessage] = []
  /// What hashing was set to before each message of the poll.
  private var states: [HashState] = []
  private var lastClaimed: RingIndex

  init(
    of vif: Vif, from indices: QueueSnapshot.Indices, passingStaging: Bool, world: ReplayWorld,
    judge: Judge, witness: Witness
  ) throws(ReplayError) {
    // A message that was taken is answered: nothing is ever under way.
    guard indices.requestConsumer == indices.responseProducer else {
      throw .badSnapshot(vif: Int(judge.vif))
    }
    self.judge = judge
    self.witness = witness
    passesStaging = passingStaging
    lastClaimed = indices.requestConsumer
    do throws(NetfrontError) {
      channel = try ControlChannel(
        backend: world.backend.domain, xen: world.guest, start: indices.responseProducer)
    } catch { throw .front(error) }
    channel.ring.setResponseEvent(indices.responseEvent)
    do throws(GrantError) {
      page = try world.guest.allocator.share(1, with: world.backend.domain, access: .readOnly)
      let ring = try world.backend.grants.map(
        channel.ring.grant, of: world.guest.domain, access: .readWrite)
      try Self.add(ring, to: vif)
    } catch { throw .grant(error) }
    guard let control = vif.control else { throw .badSnapshot(vif: Int(judge.vif)) }
    self.control = control
  }

  private static func add(_ ring: consuming SharedPage, to vif: Vif) throws(GrantError) {
    do throws(RingViolation) { try vif.addControl(ring) } catch { throw .exhausted }
  }

  /// Takes an event of a poll.
  func take(_ event: TraceEvent, _ payload: RawSpan, number: UInt64) {
    if turn.isOverfull { drop() }
    turn.append(event, payload, number: number)
  }

  /// Events of a poll that is not over.
  var eventsUnderWay: UInt64 { UInt64(turn.entries.count) }

  /// Gives a poll up that the trace does not finish.
  func drop() {
    judge.ledger.cut += UInt64(turn.entries.count)
    turn.removeAll()
  }

  /// Whether the guest is cut off in the poll.
  var cutsOff: Bool { turn.cutsOff }

  /// Lets the backend do what the poll did, and compares.
  ///
  /// - Returns: what hashing was set to before each message, and in the end.
  func run() -> [HashState] {
    states.removeAll()
    messages = RecordedMessage.all(in: turn)
    let isObserved = turn.entries.contains { $0.event.origin == .observed }
    let now = turn.entries.last?.event.time ?? MonotonicInstant(nanoseconds: 0)
    for message in messages { register(message) }
    channel.ring.publish(claiming: target(isObserved: isObserved), .never)
    var seen = Turn()
    witness.begin(queue: 0, keeping: turn.longestPayload)
    witness.prepareMessage = { [unowned self] index in prepare(index) }
    _ = control.poll(now: now)
    witness.prepareMessage = nil
    witness.end(&seen)
    judge.inject(nil, for: page.grants[0])
    RecordedMessage.name(messages, in: &seen)
    ControlComparison(
      recorded: turn, seen: seen, isObserved: isObserved, passesStaging: passesStaging, judge: judge
    ).run()
    judge.ledger.replayed += UInt64(seen.entries.count)
    turn.removeAll()
    return states + [judge.context.hash]
  }

  /// What the guest has published: as far as the backend saw, or else as far as it took.
  private func target(isObserved: Bool) -> RingIndex {
    var consumer = lastClaimed
    for entry in turn.entries {
      switch entry.event.body {
      case .requestProducer(.control, let index): lastClaimed = index
      case .pollEnd(.control, let index, _, _): consumer = index
      default: break
      }
    }
    return (isObserved || passesStaging) && !cutsOff ? consumer : lastClaimed
  }

  /// Writes a message into the ring, with the page of this world.
  private func register(_ message: RecordedMessage) {
    var words: SlotWords = [
      message.words.w0, message.words.w1, message.words.w2, message.words.w3,
    ]
    if message.namesPage {
      let isBad = !judge.canInject && message.status == .badGrantReference
      words[1] = isBad ? Self.badReference : page.grants[0].rawValue
      if !judge.canInject, message.status != .okay, !isBad { judge.ledger.rest.notExpressible += 1 }
    }
    if passesStaging, message.isStaging {
      words[1] = Self.noQueue
      judge.ledger.countNotReplayed()
    }
    channel.ring.write(words, at: message.index)
  }

  /// Makes the guest's page, its wish to be told and Xen's answer what they were for a message.
  private func prepare(_ index: RingIndex) {
    states.append(judge.context.hash)
    guard let message = messages.first(where: { $0.index == index }) else { return }
    if let event = message.responseEvent { channel.ring.setResponseEvent(event) }
    message.forEachPiece(in: turn) { operand, octets, start in
      page.setOctets(octets, page: 0, at: start)
      judge.ledger.memory.count(operand, isIndependent: true)
    }
    judge.inject(message.status == .okay ? nil : message.status, for: page.grants[0])
  }
}
