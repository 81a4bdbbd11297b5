import Netback
import Netif
import SimulatedXen
import TestSupport
import XenInterface
import XenRing

/// An RX ring on scripted memory, a queue of ours on it, and pages to receive into: no store, no
/// events.
final class RxBench {
  let memory = ScriptedMemory()
  let machine: SimulatedMachine
  let context: VifContext
  let queue: RxQueue<ScriptedMemory>
  let grants: RecordingGrants
  /// What is staged: nothing at first.
  let staging: StagingTable
  private let pages: any GrantedPages
  private let start: UInt32
  private(set) var producer: RingIndex

  init(
    start: UInt32 = 0, profile: RuleProfile = .linux,
    features: NetifFeatures = [.rxNotify, .gsoTCPv4, .gsoTCPv6],
    machine: SimulatedMachine = SimulatedMachine(seed: 1), headroom: UInt16 = 0
  ) throws {
    self.machine = machine
    let guest = DomainID(rawValue: 1)
    pages = try machine.connect(guest).allocator.share(70, with: .control, access: .readWrite)
    grants = RecordingGrants(machine.connect(.control).grants)
    var configuration = VifConfiguration(
      domain: guest, handle: VifHandle(rawValue: 0), profile: profile, features: features)
    configuration.receiveHeadroom = headroom
    context = VifContext(
      configuration: configuration, grants: grants, sink: CollectingSink())
    staging = StagingTable(before: grants, domain: guest)
    RingLayout.initialize(memory)
    for offset in [RingLayout.requestProducer, RingLayout.responseProducer] {
      memory.store(start, at: offset)
    }
    self.start = start
    producer = RingIndex(rawValue: start)
    queue = RxQueue(
      ring: try BackRing(attaching: memory), context: context, queue: 0,
      staging: staging)
  }

  /// Has these pages staged.
  func stage(_ places: Range<Int>, isReadOnly: Bool = false) throws {
    try staging.add(
      places.map { StagedGrant(grant: pages.grants[$0], isReadOnly: isReadOnly) })
  }

  /// A reference that was never granted.
  static let badGrant = GrantReference(rawValue: 0x7fff_0000)

  /// What a page holds.
  func octets(ofPage page: Int, first count: Int = RingLayout.pageSize) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: count)
    var storage = octets.mutableSpan
    var bytes = storage.octets
    pages.copyOctets(page: page, at: 0, into: &bytes)
    return octets
  }

  /// The reference of a page.
  func grant(_ page: Int) -> GrantReference { pages.grants[page] }

  /// Writes requests with these ids, the first for page 0, and publishes them.
  func offer(_ ids: [UInt16]) {
    for (page, id) in ids.enumerated() { put(RxRequest(id: id, grant: grant(page))) }
    publish()
  }

  /// Writes a request into the next slot.
  func put(_ request: RxRequest) {
    write([request.words[0], request.words[1]], at: producer.rawValue)
    producer.advance()
  }

  /// Publishes what was written, or `ahead` slots more.
  func publish(ahead: UInt32 = 0) {
    memory.store(producer.rawValue &+ ahead, at: RingLayout.requestProducer)
  }

  /// Writes words into the slot of any index.
  func write(_ words: [UInt32], at index: UInt32) {
    for (word, value) in words.enumerated() { memory.store(value, at: slot(index) + 4 * word) }
  }

  func send(_ octets: [UInt8], _ offload: FrameOffload = FrameOffload()) -> Bool {
    queue.enqueue(octets.span.octets, offload: offload, now: MonotonicInstant(nanoseconds: 0))
  }

  /// Sends in the caller's turn, where that can be.
  func sendAtOnce(_ octets: [UInt8], _ offload: FrameOffload = FrameOffload()) -> RxSending {
    queue.send(octets.span.octets, offload: offload, now: MonotonicInstant(nanoseconds: 0))
  }

  @discardableResult func poll(at nanoseconds: UInt64 = 0) -> RxPoll {
    queue.poll(now: MonotonicInstant(nanoseconds: nanoseconds))
  }

  /// The words of the answers published so far.
  var answers: [SlotWords] {
    (0..<(memory.words[RingLayout.responseProducer / 4] &- start)).map { place in
      let at = slot(start &+ place) / 4
      return [memory.words[at], memory.words[at + 1], 0, 0]
    }
  }

  /// The statuses of the answers, as if all were data.
  var statuses: [Int16] { answers.map { RxResponse(words: $0).status.rawValue } }

  /// Octet of a slot in the page.
  func slot(_ index: UInt32) -> Int { RingLayout.slots + Int(index & 255) * 8 }
}
