import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

/// How much of a turn can be judged.
enum JudgeMode {
  /// The backend itself recorded it: all that it did.
  case exact
  /// As exact, but credit left published slots in the ring: when the backend looks at them, and
  /// asks to be told of more, hangs on the state of a timer.
  case limited
  /// Somebody looked on: what the guest and the network can see, and which octets were read.
  case observed
}

/// Compares what was recorded with what the replay does, and keeps the account.
final class Judge {
  let vif: UInt16
  /// Whether packets may be longer than what the trace has of them.
  let isCut: Bool
  /// Whether how much the trace has of a packet hangs on the packet: then that is not compared.
  let cutsUnevenly: Bool
  let context: VifContext
  private let options: ReplayOptions
  /// The account, which all vifs share.
  let ledger: ReplayLedger
  private let injecting: InjectingGrants?
  private var comparison = TurnComparison()
  /// Room for a page.
  var scratch = [UInt8](repeating: 0, count: RingLayout.pageSize)

  init(
    vif: UInt16, isCut: Bool, cutsUnevenly: Bool, context: VifContext,
    injecting: InjectingGrants?, options: ReplayOptions, ledger: ReplayLedger
  ) {
    self.vif = vif
    self.isCut = isCut
    self.cutsUnevenly = cutsUnevenly
    self.context = context
    self.injecting = injecting
    self.options = options
    self.ledger = ledger
  }

  /// Whether any status can be put in place of Xen's.
  var canInject: Bool { injecting != nil }

  /// Whether a queue is replayed.
  func replays(queue: Int) -> Bool { options.replays(queue, of: vif) }

  func inject(_ status: GrantStatus?, for grant: GrantReference) {
    injecting?.inject(status, for: grant)
  }

  // MARK: - A turn

  /// Compares a turn with what the backend made of it.
  ///
  /// - Parameter slots: of the queue's TX ring.
  func compare(
    _ recorded: Turn, _ seen: Turn, mode: JudgeMode, queue: UInt16, slots: GuestSlots
  ) {
    let wasFaithful = ledger.isFaithful
    comparison.compare(
      TurnPair(
        recorded: recorded.view, seen: seen.view, mode: mode, cutsUnevenly: cutsUnevenly,
        queue: queue), slots, for: self)
    if wasFaithful, !ledger.isFaithful {
      ledger.rest.firstTurn = DivergentTurn(
        recorded: recorded.entries.map(\.event), replayed: seen.entries.map(\.event))
    }
  }

  @inline(never) func note(
    _ kind: Divergence.Kind, _ number: UInt64, _ recorded: TraceEvent?, _ replayed: TraceEvent?,
    _ queue: UInt16
  ) {
    let divergence = Divergence(
      kind: kind, number: number, vif: vif, queue: queue, recorded: recorded,
      replayed: replayed)
    ledger.note(divergence, keeping: options.keptDivergences)
  }
}
