import Netif
import TraceFormat
import XenInterface
import XenRing

/// The frames for a guest on one queue, in the order in which they came, and which events are theirs.
struct RxStories {
  /// Frames that are followed at most, and copies that wait for their answers.
  private static let mostWaiting = 1 << 16
  private static let mostCopies = 1024
  private static let capacity = NetifLimits.ringSize

  private struct Request {
    var index: RingIndex
    var grant: GrantReference
    var told: ToldEvent
  }

  private var requests: [Request?] = Array(repeating: nil, count: Int(capacity))
  private var waiting: [PacketStory] = []
  /// Stories before it in the list are told.
  private var first = 0
  private var copies: [(grant: GrantReference, told: ToldEvent)] = []
  private var track = AnswerTrack()
  private var answers: [(index: RingIndex, told: ToldEvent)] = []
  private var isInPoll = false
  /// Whether it is not known which frames wait.
  private var isLost: Bool

  /// Starts where no frame waits, or where it is not known which do.
  init(isLost: Bool = false) { self.isLost = isLost }

  /// Takes a page that the guest offers.
  mutating func take(request words: TraceEvent.Words, at index: RingIndex, _ told: ToldEvent) {
    let request = RxRequest(words: [words.w0, words.w1, 0, 0])
    requests[Self.entry(index)] = Request(index: index, grant: request.grant, told: told)
  }

  /// Takes a frame from the network.
  mutating func take(frame told: ToldEvent, _ place: UInt64, _ line: inout CaptureLine) {
    if waiting.count - first >= Self.mostWaiting { lose(&line) }
    guard !isLost else { return }
    var story = PacketStory(.waits, at: place)
    story.frame = told
    waiting.append(story)
    line.hold(place)
  }

  /// Takes a frame that did not reach the guest: behind the begin of a poll, the first of those that wait.
  mutating func take(dropped told: ToldEvent, _ place: UInt64, _ line: inout CaptureLine) {
    if isInPoll, var expired = popWaiting() {
      expired.outcome = .expired
      line.tell(expired)
    }
    var story = PacketStory(isInPoll ? .expired : .refused, at: place)
    story.frame = told
    line.tell(story)
  }

  /// Takes a grant copy into the guest.
  mutating func take(copy range: TraceEvent.GrantOperand, _ told: ToldEvent) {
    if copies.count >= Self.mostCopies { copies.removeAll() }
    copies.append((range.grant, told))
  }

  /// Takes an answer. The last one of a packet ends the first frame that waits.
  mutating func take(
    answer index: RingIndex, _ word0: UInt32, _ word1: UInt32, _ told: ToldEvent, _ place: UInt64,
    _ line: inout CaptureLine
  ) {
    var told = told
    told.isExtra = track.isExtraNext
    if told.isExtra { line.markExtra(place) }
    if answers.count < Self.capacity { answers.append((index, told)) }
    track.take(word0, word1)
    if track.endPacket == true { endPacket(&line) }
  }

  private mutating func endPacket(_ line: inout CaptureLine) {
    defer { answers.removeAll() }
    guard var story = popWaiting() else { return }
    story.outcome = .handedOver
    let offered = answers.compactMap { request(at: $0.index) }
    let grants = Set(offered.map(\.grant))
    offered.forEach { story.append($0.told) }
    for _ in answers { story.countSlot() }
    for copy in copies where grants.contains(copy.grant) { story.append(copy.told) }
    copies.removeAll { grants.contains($0.grant) }
    answers.forEach { story.append($0.told) }
    line.tell(story)
  }

  private func request(at index: RingIndex) -> Request? {
    requests[Self.entry(index)].flatMap { $0.index == index ? $0 : nil }
  }

  private static func entry(_ index: RingIndex) -> Int { Int(index.rawValue % capacity) }

  // MARK: - Frames that wait

  /// A poll in which frames are dropped begins or ends.
  mutating func setInPoll(_ isInPoll: Bool) { self.isInPoll = isInPoll }

  /// Tells of all that wait that they do; they still wait.
  mutating func settleAll(_ line: inout CaptureLine) {
    for place in waiting.indices[first...] {
      line.tell(waiting[place])
      waiting[place].place = nil
    }
  }

  private mutating func lose(_ line: inout CaptureLine) {
    settleAll(&line)
    self = RxStories(isLost: true)
  }

  private mutating func popWaiting() -> PacketStory? {
    guard first < waiting.count else { return nil }
    defer {
      first += 1
      if first == waiting.count || first >= 1024 && first > waiting.count / 2 {
        waiting.removeFirst(first)
        first = 0
      }
    }
    return waiting[first]
  }
}
