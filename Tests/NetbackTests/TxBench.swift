import Netback
import Netif
import SimulatedXen
import TestSupport
import XenInterface
import XenRing

/// A slot as it is asked, and what stands there when the backend is done.
struct TxSlot: Equatable {
  var id: UInt16
  var status: NetifStatus
}

/// A TX ring on scripted memory, a queue of ours on it, and pages to send from: no store, no events.
final class TxBench {
  let memory = ScriptedMemory()
  let machine: SimulatedMachine
  let context: VifContext
  let queue: TxQueue<ScriptedMemory>
  let sink = CollectingSink()
  let grants: RecordingGrants
  private let allocator: any GrantAllocator
  /// What is staged, with `DataPath.staged`.
  let staging: StagingTable?
  private let pages: any GrantedPages
  private(set) var producer: RingIndex

  init(
    profile: RuleProfile = .linux, order: AnswerOrder = .ring, path: DataPath = .copy,
    start: UInt32 = 0, credit: CreditScheduler = .unlimited, budget: Int = 64,
    machine: SimulatedMachine = SimulatedMachine(seed: 1), domain: UInt16 = 1,
    sink elsewhere: (any FrameSink)? = nil, heldFrames: Int = 256
  ) throws {
    let guest = DomainID(rawValue: domain)
    self.machine = machine
    allocator = machine.connect(guest).allocator
    pages = try allocator.share(24, with: .control, access: .readOnly)
    for page in 0..<24 {
      pages.setOctets(pattern(4096, from: UInt8(page)).span.octets, page: page, at: 0)
    }
    grants = RecordingGrants(machine.connect(.control).grants)
    var configuration = VifConfiguration(
      domain: guest, handle: VifHandle(rawValue: 0), profile: profile, order: order,
      path: path, pollBudget: budget)
    configuration.heldFrames = heldFrames
    context = VifContext(
      configuration: configuration, grants: grants, sink: elsewhere ?? sink)
    staging = path == .staged ? StagingTable(before: grants, domain: guest) : nil
    RingLayout.initialize(memory)
    for offset in [RingLayout.requestProducer, RingLayout.responseProducer] {
      memory.store(start, at: offset)
    }
    producer = RingIndex(rawValue: start)
    queue = TxQueue(
      ring: try BackRing(attaching: memory), context: context, queue: 0,
      staging: staging, credit: credit)
  }

  /// Has these pages staged, for reading only.
  func stage(_ places: Range<Int>) throws {
    try staging?.add(
      places.map { StagedGrant(grant: pages.grants[$0], isReadOnly: true) })
  }

  /// Puts octets at the start of a page.
  func fill(page: Int, _ octets: [UInt8]) { pages.setOctets(octets.span.octets, page: page, at: 0) }

  /// A request for the octets of a page.
  func request(
    page: Int = 0, offset: UInt16 = 0, size: UInt16, flags: TxFlags = [], id: UInt16 = 0
  ) -> TxRequest {
    TxRequest(grant: pages.grants[page], offset: offset, flags: flags, id: id, size: size)
  }

  /// Withdraws a page from the backend; what is mapped stays mapped.
  func revoke(page: Int) { (allocator as? any GrantTableControl)?.revoke(pages.grants[page]) }

  /// A reference that was never granted.
  static let badGrant = GrantReference(rawValue: 0x7fff_0000)

  /// Writes slots, numbering the ids of data slots from the ring's start, and publishes them.
  func publish(_ slots: [SlotWords]) {
    for words in slots {
      write(words)
      producer.advance()
    }
    memory.store(producer.rawValue, at: RingLayout.requestProducer)
  }

  /// A packet of data slots of these sizes; the first slot says the sum, or `total`.
  func packet(
    _ sizes: [UInt16], total: UInt16? = nil, flags: TxFlags = [], extras: [ExtraInfo] = []
  ) -> [SlotWords] {
    var slots = sizes.enumerated().map { place, size in
      var request = request(page: place % 24, size: size, id: UInt16(place))
      if place == 0 {
        request.size = total ?? sizes.reduce(0, &+)
        request.flags = extras.isEmpty ? flags : flags.union(.extraInfo)
      }
      if place < sizes.count - 1 { request.flags.formUnion(.moreData) }
      return request.words
    }
    let infos = extras.enumerated().map {
      ExtraInfoSlot($0.element, hasMore: $0.offset < extras.count - 1).words
    }
    slots.insert(contentsOf: infos, at: 1)
    return slots
  }

  @discardableResult func poll(at nanoseconds: UInt64 = 0) -> TxPoll {
    queue.poll(now: MonotonicInstant(nanoseconds: nanoseconds))
  }

  /// Polls until nothing is left to do now.
  func pollAll() {
    var rounds = 0
    while poll().hasMore, rounds < 300 { rounds += 1 }
  }

  /// The answers written so far, the first at ring index `start`.
  func answers(from start: UInt32 = 0) -> [TxSlot] {
    let end = memory.words[RingLayout.responseProducer / 4]
    return (0..<(end &- start)).map { place in
      let word = memory.words[slot(start &+ place) / 4]
      return TxSlot(
        id: UInt16(truncatingIfNeeded: word),
        status: NetifStatus(rawValue: Int16(truncatingIfNeeded: word >> 16)))
    }
  }

  func statuses(from start: UInt32 = 0) -> [NetifStatus] { answers(from: start).map(\.status) }

  /// Octet of a slot in the page.
  func slot(_ index: UInt32) -> Int { RingLayout.slots + Int(index & 255) * 12 }

  private func write(_ words: SlotWords) {
    let at = slot(producer.rawValue)
    for word in 0..<3 { memory.store(words[word], at: at + 4 * word) }
  }
}
