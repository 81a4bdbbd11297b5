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
  let context: VifContext
  private let options: ReplayOptions
  /// The account, which all vifs share.
  let ledger: ReplayLedger
  private let injecting: InjectingGrants?
  private var ours = FacetOrder()
  private var theirs = FacetOrder()
  /// Octets that operations of the recording and of the replay reached.
  var recordedReaches = ReachTable()
  var replayedReaches = ReachTable()
  /// Room for a page.
  var scratch = [UInt8](repeating: 0, count: RingLayout.pageSize)

  init(
    vif: UInt16, isCut: Bool, context: VifContext, injecting: InjectingGrants?,
    options: ReplayOptions, ledger: ReplayLedger
  ) {
    self.vif = vif
    self.isCut = isCut
    self.context = context
    self.injecting = injecting
    self.options = options
    self.ledger = ledger
  }

  /// Whether any status can be put in place of Xen's.
  var canInject: Bool { injecting != nil }

  func inject(_ status: GrantStatus?, for grant: GrantReference) {
    injecting?.inject(status, for: grant)
  }

  func count(_ operand: TraceEvent.GrantOperand, isIndependent: Bool) {
    ledger.memoryOctets += UInt64(operand.captured)
    if isIndependent { ledger.independentOctets += UInt64(operand.captured) }
  }

  // MARK: - A turn

  /// Compares a turn with what the backend made of it.
  func compare(_ recorded: Turn, _ seen: Turn, mode: JudgeMode, of queue: QueueReplay) {
    let before = ledger.diverged
    ours.sort(recorded.entries, mode)
    theirs.sort(seen.entries, mode)
    for facet in Facet.allCases where facet != .none {
      compare(facet, recorded, seen, mode, queue)
    }
    if mode == .observed { compareCoverage(recorded, seen, queue) }
    if before == 0, ledger.diverged > 0 {
      ledger.rest.firstTurn = DivergentTurn(
        recorded: recorded.entries.map(\.event), replayed: seen.entries.map(\.event))
    }
  }

  /// Compares the entries of one facet: those of one key with each other.
  private func compare(
    _ facet: Facet, _ recorded: Turn, _ seen: Turn, _ mode: JudgeMode, _ queue: QueueReplay
  ) {
    var left = ours.range(of: facet)
    var right = theirs.range(of: facet)
    while let first = left.first, let second = right.first {
      let entry = recorded.entries[ours.place(first)]
      let twin = seen.entries[theirs.place(second)]
      guard entry.key == twin.key else { break }
      judge(entry, twin, recorded, seen, mode, queue)
      left = left.dropFirst()
      right = right.dropFirst()
    }
    guard left.isEmpty, right.isEmpty else {
      return compareRest(ours.places(left), theirs.places(right), recorded, seen, mode, queue)
    }
  }

  /// Compares what does not stand in the same order on both sides, or on one side only.
  private func compareRest(
    _ left: ArraySlice<Int>, _ right: ArraySlice<Int>, _ recorded: Turn, _ seen: Turn,
    _ mode: JudgeMode, _ queue: QueueReplay
  ) {
    var right = right
    for place in left {
      let entry = recorded.entries[place]
      if let twin = right.firstIndex(where: { seen.entries[$0].key == entry.key }) {
        judge(entry, seen.entries[right.remove(at: twin)], recorded, seen, mode, queue)
      } else {
        note(.missing, entry.number, entry.event, nil, queue)
      }
    }
    let end = recorded.entries.last?.number ?? 0
    for place in right { note(.unexpected, end, nil, seen.entries[place].event, queue) }
  }

  private func judge(
    _ ours: Turn.Entry, _ theirs: Turn.Entry, _ recorded: Turn, _ seen: Turn, _ mode: JudgeMode,
    _ queue: QueueReplay
  ) {
    guard agree(ours.event.body, theirs.event.body, mode, queue) else {
      return note(.differs, ours.number, ours.event, theirs.event, queue)
    }
    if let place = differingOctet(ours, theirs, recorded, seen, mode, queue) {
      return note(.octets(place), ours.number, ours.event, theirs.event, queue)
    }
    ledger.matched += 1
  }

  func note(
    _ kind: Divergence.Kind, _ number: UInt64, _ recorded: TraceEvent?, _ replayed: TraceEvent?,
    _ queue: QueueReplay
  ) {
    let divergence = Divergence(
      kind: kind, number: number, vif: vif, queue: queue.number, recorded: recorded,
      replayed: replayed)
    ledger.note(divergence, keeping: options.keptDivergences)
  }

  // MARK: - Two events

  private func agree(
    _ recorded: TraceEvent.Body, _ replayed: TraceEvent.Body, _ mode: JudgeMode,
    _ queue: QueueReplay
  ) -> Bool {
    switch (recorded, replayed) {
    case (
      .txResponse(let index, let request, let id, let status),
      .txResponse(let index2, let request2, let id2, let status2)
    ):
      // What stands beside a NULL is whatever the slot held.
      if status == .null { return index == index2 && status2 == .null }
      return index == index2 && request == request2 && id == id2 && status == status2
    case (.disabled(let rule), .disabled(let rule2)):
      return rule == rule2 || rule == Self.unknownRule
    case (.pollEnd(_, let consumer, _, _), .pollEnd(_, let consumer2, _, _))
    where mode == .observed:
      return consumer == consumer2
    case (.delivered(let frame, _), .delivered(let frame2, _)) where mode == .observed:
      return frame.length == frame2.length
        && frame.offload.checksum == frame2.offload.checksum
        && frame.offload.segmentation == frame2.offload.segmentation
    default: return recorded == replayed
    }
  }

  private static let unknownRule: UInt8 = 255

  private func differingOctet(
    _ ours: Turn.Entry, _ theirs: Turn.Entry, _ recorded: Turn, _ seen: Turn, _ mode: JudgeMode,
    _ queue: QueueReplay
  ) -> Int? {
    var limit = Int.max
    if case .delivered(_, let request) = theirs.event.body {
      limit = mode == .observed ? knownPrefix(of: request, seen, queue) : limit
      ledger.frames += 1
      ledger.octets += UInt64(min(limit, ours.payload.count))
    }
    guard !ours.payload.isEmpty else { return nil }
    return recorded.withOctets(of: ours) { octets in
      seen.withOctets(of: theirs) { others in
        let count = min(limit, octets.byteCount, others.byteCount)
        return octets.extracting(first: count).firstDifference(
          from: others.extracting(first: count))
      }
    }
  }

  /// Octets at the start of a frame that the trace gave to the guest's pages.
  private func knownPrefix(of head: RingIndex, _ seen: Turn, _ queue: QueueReplay) -> Int {
    let first = GuestSlots.place(of: head)
    var prefix = 0
    var isInFrame = false
    for entry in seen.entries {
      guard case .grantCopy(let operand, .fromGuest, _) = entry.event.body,
        let place = entry.place
      else { continue }
      if queue.txSlots.isHead(at: place) { isInFrame = place == first }
      guard isInFrame else { continue }
      let known = queue.txSlots.known[place]
      let end = Int(operand.offset) + Int(operand.length)
      let isKnown = known.lowerBound <= Int(operand.offset)
      let count = isKnown ? min(known.upperBound, end) - Int(operand.offset) : 0
      prefix += max(0, count)
      if count < Int(operand.length) { break }
    }
    return prefix
  }
}
