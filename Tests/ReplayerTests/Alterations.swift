import Netif
import TraceFormat
import XenInterface
import XenRing

/// One field of one event, changed.
struct Alteration {
  var number: Int
  var field: String
  var event: TraceEvent
  var payload: [UInt8]
}

/// All alterations of a trace that its replay must report.
///
/// Fields that are not judged are left out, as `Documentation/Replaying.md` names them.
struct Alterations {
  private(set) var all: [Alteration] = []
  private let recorded: Recorded
  /// TX requests that the trace answers.
  private var answered: Set<RingIndex> = []
  /// RX requests that frames went into; the others were answered by an extra info, which leaves
  /// nothing of them, or not at all.
  private var filled: Set<RingIndex> = []
  /// Control messages that were taken.
  private var taken: Set<RingIndex> = []
  private var isInControlPoll = false
  /// Whether the message at hand was taken.
  private var isTaken = false
  private var stage = Stage.head
  private var number = 0

  private enum Stage { case head, extra(goesOn: Bool), data }

  init(_ recorded: Recorded) {
    self.recorded = recorded
    findAnswers()
    for place in recorded.events.indices {
      number = place
      follow(recorded.events[place].event.body)
      add(recorded.events[place].event.body)
    }
  }

  private mutating func findAnswers() {
    var isExtra = false
    for entry in recorded.events {
      switch entry.event.body {
      case .txResponse(_, let request, _, _): answered.insert(request)
      case .rxResponse(let index, let word0, let word1):
        if !isExtra { filled.insert(index) }
        isExtra = isExtra ? word0 >> 8 & 1 != 0 : word1 >> 3 & 1 != 0
      case .controlResponse(let index, _, 0, _): taken.insert(index)
      default: break
      }
    }
  }

  private var event: TraceEvent { recorded.events[number].event }

  private mutating func alter(_ field: String, _ body: TraceEvent.Body) {
    var altered = event
    altered.body = body
    all.append(
      Alteration(
        number: number, field: field, event: altered, payload: recorded.events[number].payload))
  }

  private mutating func alterQueue(_ kind: String) {
    var altered = event
    altered.queue += 1
    let payload = recorded.events[number].payload
    all.append(Alteration(number: number, field: kind + ".queue", event: altered, payload: payload))
    altered.queue -= 1
    altered.vif += 1
    all.append(Alteration(number: number, field: kind + ".vif", event: altered, payload: payload))
  }

  private mutating func alterPayload(
    _ field: String, octets: Bool = true, _ shorter: TraceEvent.Body
  ) {
    let payload = recorded.events[number].payload
    guard !payload.isEmpty else { return }
    var flipped = payload
    flipped[payload.count - 1] ^= 0x80
    if octets {
      all.append(
        Alteration(number: number, field: field + ".octets", event: event, payload: flipped))
    }
    var altered = event
    altered.body = shorter
    all.append(
      Alteration(
        number: number, field: field + ".captured", event: altered,
        payload: Array(payload.dropLast())))
  }

  private mutating func add(_ body: TraceEvent.Body) {
    switch body {
    case .slot(.tx, let index, let words): addTxSlot(index, words)
    case .slot(.rx, let index, let words): addRxSlot(index, words)
    case .slot(.control, let index, let words): addControlSlot(index, words)
    case .pollBegin(.control, let budget):
      alter("pollBegin.budget", .pollBegin(ring: .control, budget: budget + 1))
      alterQueue("pollBegin")
    case .requestProducer(let ring, let index) where ring != .rx:
      alter("requestProducer.index", .requestProducer(ring: ring, index: index.advanced(by: 1)))
      alterQueue("requestProducer")
    case .responseProducer(let ring, let index):
      alter("responseProducer.index", .responseProducer(ring: ring, index: index.advanced(by: 1)))
      alterQueue("responseProducer")
    case .eventIndex(let ring, .backend, let index):
      alter(
        "eventIndex.index",
        .eventIndex(ring: ring, by: .backend, index: index.advanced(by: 1)))
      alter("eventIndex.by", .eventIndex(ring: ring, by: .frontend, index: index))
      alterQueue("eventIndex")
    case .notification(let ring, .backend):
      alter("notification.by", .notification(ring: ring, by: .frontend))
      alter("notification.ring", .notification(ring: ring == .tx ? .rx : .tx, by: .backend))
      alterQueue("notification")
    case .grantCopy(let operand, let direction, let status):
      addCopy(operand, direction, status)
    case .memory(let operand): addMemory(operand)
    case .pollEnd(let ring, let consumer, let producer, let packets):
      addPollEnd(ring, consumer, producer, packets)
    default: addAnswer(body)
    }
  }

  private mutating func addTxSlot(_ index: RingIndex, _ words: TraceEvent.Words) {
    func slot(_ w0: UInt32 = 0, _ w1: UInt32 = 0, _ w2: UInt32 = 0) -> TraceEvent.Body {
      .slot(ring: .tx, index: index, .init(words.w0 ^ w0, words.w1 ^ w1, words.w2 ^ w2))
    }
    let request = TxRequest(words: [words.w0, words.w1, words.w2, 0])
    alter("slot.index", .slot(ring: .tx, index: index.advanced(by: 1), words))
    alter("slot.ring", .slot(ring: .rx, index: index, words))
    alterQueue("slot")
    if case .extra(let goesOn) = stage {
      alter("extra.type", slot(2))
      alter("extra.size", slot(1 << 20))
      alter("extra.gsoType", slot(0, 3))
      if words.w0 >> 8 & 1 == 0 { stage = goesOn ? .data : .head }
      return
    }
    let goesOn = request.flags.contains(.moreData)
    alter("slot.grant", slot(0x4000))
    alter("slot.offset", slot(0, 1))
    alter("slot.flags.moreData", slot(0, 4 << 16))
    if answered.contains(index) { alter("slot.id", slot(0, 0, 1)) }
    alter("slot.size", slot(0, 0, 8 << 16))
    if case .head = stage { alter("slot.flags.checksumBlank", slot(0, 1 << 16)) }
    if case .head = stage, request.flags.contains(.extraInfo) {
      stage = .extra(goesOn: goesOn)
    } else {
      stage = goesOn ? .data : .head
    }
  }

  private mutating func follow(_ body: TraceEvent.Body) {
    switch body {
    case .pollBegin(.control, _): isInControlPoll = true
    case .pollEnd(.control, _, _, _): isInControlPoll = false
    case .slot(.control, let index, _): isTaken = taken.contains(index)
    default: break
    }
  }

  /// The arguments of a message that the backend refuses are not all looked at.
  private mutating func addControlSlot(_ index: RingIndex, _ words: TraceEvent.Words) {
    func slot(_ change: (inout TraceEvent.Words) -> Void) -> TraceEvent.Body {
      var changed = words
      change(&changed)
      return .slot(ring: .control, index: index, changed)
    }
    alter("controlSlot.index", .slot(ring: .control, index: index.advanced(by: 1), words))
    alter("controlSlot.id", slot { $0.w0 ^= 1 })
    alter("controlSlot.type", slot { $0.w0 ^= 32 << 16 })
    alterQueue("controlSlot")
    guard taken.contains(index) else { return }
    switch ControlMessage(rawValue: UInt16(words.w0 >> 16)) {
    case .setHashAlgorithm: alter("controlSlot.algorithm", slot { $0.w1 ^= 2 })
    case .setHashFlags: alter("controlSlot.types", slot { $0.w1 ^= 16 })
    case .setHashMappingSize: alter("controlSlot.size", slot { $0.w1 ^= 0x100 })
    case .setHashKey: alter("controlSlot.length", slot { $0.w2 ^= 1 })
    case .setHashMapping where words.w2 > 0:
      alter("controlSlot.grant", slot { $0.w1 ^= 0x4000 })
      alter("controlSlot.count", slot { $0.w2 ^= 1 })
      alter("controlSlot.place", slot { $0.w3 ^= 0x80 })
    default: break
    }
  }

  private mutating func addControlAnswer(
    _ index: RingIndex, _ words: (w0: UInt32, w1: UInt32, w2: UInt32)
  ) {
    func answer(_ w0: UInt32, _ w1: UInt32, _ w2: UInt32) -> TraceEvent.Body {
      .controlResponse(
        index: index, word0: words.w0 ^ w0, word1: words.w1 ^ w1, word2: words.w2 ^ w2)
    }
    alter("controlResponse.id", answer(1, 0, 0))
    alter("controlResponse.type", answer(1 << 16, 0, 0))
    alter("controlResponse.status", answer(0, 1, 0))
    alter("controlResponse.data", answer(0, 0, 1))
    alter(
      "controlResponse.index",
      .controlResponse(
        index: index.advanced(by: 1), word0: words.w0, word1: words.w1, word2: words.w2))
    alterQueue("controlResponse")
  }

  private mutating func addRxSlot(_ index: RingIndex, _ words: TraceEvent.Words) {
    alter("rxSlot.index", .slot(ring: .rx, index: index.advanced(by: 1), words))
    alterQueue("rxSlot")
    guard filled.contains(index) else { return }
    alter("rxSlot.id", .slot(ring: .rx, index: index, .init(words.w0 ^ 1, words.w1)))
    alter("rxSlot.grant", .slot(ring: .rx, index: index, .init(words.w0, words.w1 ^ 0x4000)))
  }

  private mutating func addCopy(
    _ operand: TraceEvent.GrantOperand, _ direction: CopyDirection, _ status: GrantStatus
  ) {
    func copy(_ change: (inout TraceEvent.GrantOperand) -> Void) -> TraceEvent.Body {
      var changed = operand
      change(&changed)
      return .grantCopy(changed, direction: direction, status: status)
    }
    alter("grantCopy.grant", copy { $0.grant.rawValue ^= 0x4000 })
    alter("grantCopy.offset", copy { $0.offset += 1 })
    alter("grantCopy.length", copy { $0.length ^= 1 })
    alter(
      "grantCopy.status",
      .grantCopy(
        operand, direction: direction, status: status == .okay ? .generalError : .okay))
    let other: CopyDirection = direction == .toGuest ? .fromGuest : .toGuest
    alter("grantCopy.direction", .grantCopy(operand, direction: other, status: status))
    alterQueue("grantCopy")
  }

  private mutating func addMemory(_ operand: TraceEvent.GrantOperand) {
    func memory(_ change: (inout TraceEvent.GrantOperand) -> Void) -> TraceEvent.Body {
      var changed = operand
      change(&changed)
      return .memory(changed)
    }
    alter("memory.grant", memory { $0.grant.rawValue ^= 0x4000 })
    alter("memory.offset", memory { $0.offset ^= 1 })
    alter("memory.length", memory { $0.length ^= 1 })
    // What a key holds decides about the frames behind it, and nothing else; what a refused mapping
    // holds, about nothing.
    let isJudged = !isInControlPoll || isTaken && operand.length > 40
    alterPayload("memory", octets: isJudged, memory { $0.captured -= 1 })
    alterQueue("memory")
  }

  private mutating func addPollEnd(
    _ ring: TraceRing, _ consumer: RingIndex, _ producer: RingIndex, _ packets: UInt32
  ) {
    alter(
      "pollEnd.consumer",
      .pollEnd(
        ring: ring, consumer: consumer.advanced(by: 1), producer: producer, packets: packets))
    alter(
      "pollEnd.producer",
      .pollEnd(
        ring: ring, consumer: consumer, producer: producer.advanced(by: 1), packets: packets))
    alter(
      "pollEnd.packets",
      .pollEnd(ring: ring, consumer: consumer, producer: producer, packets: packets + 1))
    alterQueue("pollEnd")
  }

  private mutating func addAnswer(_ body: TraceEvent.Body) {
    switch body {
    case .release(let index):
      alter("release.index", .release(index: index.advanced(by: 1)))
      alterQueue("release")
    case .txResponse(let index, let request, let id, let status):
      let next = request.advanced(by: 1)
      alter(
        "txResponse.index",
        .txResponse(index: index.advanced(by: 1), request: request, id: id, status: status))
      alter(
        "txResponse.status",
        .txResponse(index: index, request: request, id: id, status: .error))
      if status != .null {
        alter(
          "txResponse.request", .txResponse(index: index, request: next, id: id, status: status))
        alter(
          "txResponse.id",
          .txResponse(index: index, request: request, id: id ^ 1, status: status))
      }
      alterQueue("txResponse")
    case .rxResponse(let index, let word0, let word1):
      alter(
        "rxResponse.index",
        .rxResponse(index: index.advanced(by: 1), word0: word0, word1: word1))
      for bit in [0, 16] as [UInt32] {
        alter(
          "rxResponse.word0.\(bit)",
          .rxResponse(index: index, word0: word0 ^ 1 << bit, word1: word1))
        alter(
          "rxResponse.word1.\(bit)",
          .rxResponse(index: index, word0: word0, word1: word1 ^ 1 << bit))
      }
      alterQueue("rxResponse")
    case .controlResponse(let index, let word0, let word1, let word2):
      addControlAnswer(index, (word0, word1, word2))
    case .delivered(let frame, let request): addDelivered(frame, request)
    case .taken(let frame):
      var changed = frame
      changed.length += 1
      alter("taken.length", .taken(changed))
      changed = frame
      changed.offload.checksum = frame.offload.checksum == .partial ? .unknown : .partial
      alter("taken.checksum", .taken(changed))
      alter("taken.kind", .dropped(frame))
      if let hash = frame.offload.hash {
        changed = frame
        changed.offload.hash = FlowHash(value: hash.value ^ 1, type: hash.type)
        alter("taken.hash.value", .taken(changed))
        changed.offload.hash = FlowHash(value: hash.value, type: hash.type ^ 1)
        alter("taken.hash.type", .taken(changed))
        alterQueue("taken")
      }
    case .disabled(let rule): alter("disabled.rule", .disabled(rule: rule + 1))
    case .connected(let queues): alter("connected.queues", .connected(queues: queues + 1))
    default: break
    }
  }

  private mutating func addDelivered(_ frame: TraceEvent.FrameRecord, _ request: RingIndex) {
    func delivered(_ change: (inout TraceEvent.FrameRecord) -> Void) -> TraceEvent.Body {
      var changed = frame
      change(&changed)
      return .delivered(changed, request: request)
    }
    alter("delivered.request", .delivered(frame, request: request.advanced(by: 1)))
    alter("delivered.length", delivered { $0.length += 1 })
    alter(
      "delivered.checksum",
      delivered { $0.offload.checksum = $0.offload.checksum == .partial ? .unknown : .partial })
    alter(
      "delivered.segmentation",
      delivered {
        let given = $0.offload.segmentation
        $0.offload.segmentation = given == nil ? Segmentation(size: 1, type: 1) : nil
      })
    alter("delivered.hash", delivered { $0.offload.hash = FlowHash(value: 1, type: 1) })
    alterPayload("delivered", delivered { $0.captured -= 1 })
    alterQueue("delivered")
  }
}
