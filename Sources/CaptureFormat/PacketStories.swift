import TraceFormat
import XenInterface
import XenRing

/// Finds out what became of each packet of a trace, queue by queue, and tells it in the line.
struct PacketStories {
  fileprivate struct Queue {
    var tx = TxStories()
    var rx = RxStories()
  }

  private struct Name: Hashable {
    var vif: UInt16
    var queue: UInt16
  }

  private var queues: [Name: Queue] = [:]
  /// Vifs whose control ring is being polled.
  private var inControlPoll: Set<UInt16> = []

  /// Starts as a trace's header has it.
  init(_ header: TraceHeader) {
    for (vif, snapshot) in header.vifs.enumerated() { begin(snapshot, UInt16(clamping: vif)) }
  }

  /// Takes the event at a place of the line.
  mutating func take(
    _ told: ToldEvent, payload: RawSpan, at place: UInt64, _ line: inout CaptureLine
  ) {
    let event = told.event
    switch event.body {
    case .pollBegin, .pollEnd: take(poll: told, &line)
    case .connected, .disconnected: forget(event.vif, &line)
    case .snapshot:
      forget(event.vif, &line)
      if let snapshot = try? VifSnapshot(encoded: payload) { begin(snapshot, event.vif) }
    case .disabled(let rule):
      for name in queues.keys where name.vif == event.vif {
        queues[name]?.tx.cutOff(rule: rule, &line)
      }
    case .gap: loseAll(&line)
    // What is copied in a poll of the control ring is no packet's.
    case .grantCopy where event.queue == 0 && inControlPoll.contains(event.vif): break
    default:
      let name = Name(vif: event.vif, queue: event.queue)
      queues[name, default: Queue()].take(told, place, &line)
    }
  }

  /// Tells what is known by now.
  mutating func settleAll(_ line: inout CaptureLine) {
    for name in queues.keys {
      queues[name]?.tx.settleAll(&line)
      queues[name]?.rx.settleAll(&line)
    }
  }

  private mutating func take(poll told: ToldEvent, _ line: inout CaptureLine) {
    let event = told.event
    let name = Name(vif: event.vif, queue: event.queue)
    switch event.body {
    case .pollEnd(.tx, _, _, _): queues[name]?.tx.endPoll(&line)
    case .pollBegin(.rx, _): queues[name]?.rx.setInPoll(true)
    case .pollEnd(.rx, _, _, _): queues[name]?.rx.setInPoll(false)
    case .pollBegin(.control, _): inControlPoll.insert(event.vif)
    case .pollEnd(.control, _, _, _): inControlPoll.remove(event.vif)
    default: break
    }
  }

  private mutating func forget(_ vif: UInt16, _ line: inout CaptureLine) {
    inControlPoll.remove(vif)
    for name in queues.keys where name.vif == vif {
      queues[name]?.tx.settleAll(&line)
      queues[name]?.rx.settleAll(&line)
      queues[name] = nil
    }
  }

  /// Which frames wait is known again with the next snapshot.
  private mutating func loseAll(_ line: inout CaptureLine) {
    settleAll(&line)
    for name in queues.keys { queues[name] = Queue(tx: TxStories(), rx: RxStories(isLost: true)) }
  }

  private mutating func begin(_ snapshot: VifSnapshot, _ vif: UInt16) {
    for (number, queue) in snapshot.queues.enumerated() {
      queues[Name(vif: vif, queue: UInt16(clamping: number))] = Queue(
        tx: TxStories(queue.txSlots))
    }
  }
}

extension PacketStories.Queue {
  fileprivate mutating func take(
    _ told: ToldEvent, _ place: UInt64, _ line: inout CaptureLine
  ) {
    switch told.event.body {
    case .slot(.tx, let index, let words): tx.take(words, at: index, told, place, &line)
    case .slot(.rx, let index, let words): rx.take(request: words, at: index, told)
    case .grantCopy(let range, .fromGuest, _): tx.take(copy: range, told)
    case .grantCopy(let range, .toGuest, _): rx.take(copy: range, told)
    case .grantMap(let grant, _, let handle, _): tx.take(map: grant, handle: handle, told)
    case .grantUnmap(_, let handle, _): tx.take(unmap: handle, told)
    case .release(let index): tx.take(release: index, told)
    case .txResponse(_, let request, _, _): tx.take(answer: request, told, &line)
    case .rxResponse(let index, let word0, let word1):
      rx.take(answer: index, word0, word1, told, place, &line)
    case .delivered(_, let request): tx.take(frame: told, of: request, place, &line)
    case .taken: rx.take(frame: told, place, &line)
    case .dropped: rx.take(dropped: told, place, &line)
    default: break
    }
  }
}
