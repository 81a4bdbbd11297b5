import Netif
import XenInterface
import XenRing

/// One RX case while it is played: what was offered, given and answered so far.
struct RxRun {
  let asked: RxCase
  var answer: RxAnswer
  /// What stands in a page before a backend writes to it.
  static let blank = [UInt8](repeating: 0xa5, count: RingLayout.pageSize)

  private var queues: [Queue]
  private var expectation: RxExpectation

  private struct Queue {
    var offered: [RxSlot] = []
    var answers: [RxResponse?] = []
    var extras: [(UInt32, UInt32)] = []
    var chain = RxChain.head
  }

  init(_ asked: RxCase) {
    self.asked = asked
    answer = RxAnswer(queues: asked.guest.queues)
    queues = Array(repeating: Queue(), count: asked.guest.queues)
    expectation = RxExpectation(asked)
  }

  /// Pages that the case offers.
  var pages: Set<Int> {
    var pages: Set<Int> = []
    for case .post(let slots, _, _) in asked.steps {
      for case .page(let page) in slots.map(\.grant) { pages.insert(Int(page)) }
    }
    return pages
  }

  /// Answers of all queues.
  var answered: Int { queues.reduce(0) { $0 + $1.answers.count } }
  /// Answers that must come for what was offered and given so far.
  var expected: Int { expectation.answers }
  /// Whether frames wait for more requests.
  var hasWaitingFrames: Bool { expectation.hasWaitingFrames }
  /// Whether nothing is left of the case: the next may go on in its rings.
  var isTidy: Bool {
    !answer.isDisabled && !hasWaitingFrames && answered == expected
      && queues.allSatisfy { $0.offered.count == $0.answers.count && $0.chain == .head }
  }

  /// The request as it goes into the ring.
  mutating func offer(_ slot: RxSlot, queue: Int, _ grant: GrantReference) -> SlotWords {
    let place = queues[queue].offered.count
    queues[queue].offered.append(slot)
    expectation.offer(1)
    let id = slot.id ?? UInt16(truncatingIfNeeded: 0x4100 + place)
    return [UInt32(id) | UInt32(slot.pad) << 16, grant.rawValue, 0, 0]
  }

  /// A producer was published that is ahead of the requests.
  mutating func lie(_ beyond: UInt32) { expectation.offer(Int(beyond)) }

  /// A frame was given to the backend.
  mutating func give(_ frame: CaseFrame) { expectation.give(frame) }

  /// Time passed.
  mutating func pause() { expectation.pause() }

  /// Takes the next answer of a queue.
  mutating func take(_ words: SlotWords, queue: Int) {
    let chain = queues[queue].chain
    if chain.isExtra {
      queues[queue].answers.append(nil)
      queues[queue].extras.append((words[0], words[1]))
    } else {
      queues[queue].answers.append(RxResponse(words: words))
    }
    queues[queue].chain.advance(words)
  }

  /// Puts the answer together, with what the guest's pages hold.
  mutating func finish(_ pages: any GrantedPages) {
    var written: Set<Int> = []
    for (number, queue) in queues.enumerated() {
      var extras = queue.extras[...]
      for (place, response) in queue.answers.enumerated() {
        guard let response else {
          let (low, high) = extras.removeFirst()
          answer.queues[number].append(.extra(low, high))
          continue
        }
        var digest: UInt32?
        if response.status.rawValue > 0, place < queue.offered.count,
          case .page(let page) = queue.offered[place].grant
        {
          written.insert(Int(page))
          digest = FrameDigest(pages.octets(of: Int(page)).span.octets).checksum
        }
        answer.queues[number].append(.data(response, page: digest))
      }
    }
    answer.touchesPages = self.pages.subtracting(written).contains { page in
      pages.octets(of: page) != Self.blank
    }
  }
}

/// What the next answer of a ring is.
enum RxChain: Hashable {
  /// A frame's first slot.
  case head
  /// An extra info, and whether data slots follow the last one.
  case extra(thenData: Bool)
  /// A further data slot.
  case data

  fileprivate var isExtra: Bool { if case .extra = self { true } else { false } }

  fileprivate mutating func advance(_ words: SlotWords) {
    if case .extra(let thenData) = self {
      if words[0] >> 8 & 1 == 0 { self = thenData ? .data : .head }
      return
    }
    let flags = RxResponse(words: words).flags
    let goesOn = flags.contains(.moreData)
    let hasExtras = self == .head && flags.contains(.extraInfo)
    self = hasExtras ? .extra(thenData: goesOn) : goesOn ? .data : .head
  }
}

extension GrantedPages {
  /// The octets of a page as they stand now.
  fileprivate func octets(of page: Int) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: RingLayout.pageSize)
    var span = octets.mutableSpan
    var bytes = span.octets
    copyOctets(page: page, at: 0, into: &bytes)
    return octets
  }
}
