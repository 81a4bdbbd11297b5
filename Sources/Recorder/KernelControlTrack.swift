import KernelTap
import Netif
import TraceFormat
import XenRing

/// What is known of the control ring while it is recorded: which message an answer is for, and what
/// the messages have set.
struct KernelControlTrack {
  /// A message that was answered.
  struct Message {
    var index: RingIndex
    var request: TraceEvent.Words
    /// Whether its first two arguments were seen; the third and what stands in the answer always are.
    var isSeen: Bool
    var response: ControlResponse
    var copies: [TapCopy] = []
    /// What they brought.
    var contents: [UInt8] = []
  }

  /// Messages of a call that are kept; one that has more than a ring holds is a gap at its end.
  private static let limit = 1024

  /// Index of the next message that was not seen yet.
  private var next: RingIndex
  private var nextAnswer: RingIndex
  private var requests: [RingIndex: TraceEvent.Words] = [:]
  private var copies: [RingIndex: (operations: [TapCopy], contents: [UInt8])] = [:]
  private var hash: HashSnapshot
  private let isConnected: Bool

  init(_ snapshot: TapControlSnapshot, _ hash: HashSnapshot) {
    isConnected = snapshot.ring != nil
    next = snapshot.ring?.requestConsumer ?? RingIndex(rawValue: 0)
    nextAnswer = snapshot.ring?.privateProducer ?? next
    self.hash = hash
  }

  /// Whether all messages that were taken are answered.
  var isBetweenCalls: Bool { requests.isEmpty }

  /// Takes messages in ring order.
  mutating func take(_ record: TapControlSlots) {
    for place in record.slots.places(from: next) where requests.count < Self.limit {
      requests[next] = record.slots.words(at: place)
      next.advance()
    }
  }

  /// Takes what a message copied.
  mutating func take(_ record: TapControlCopies, _ contents: [UInt8]) {
    guard copies.count < Self.limit else { return }
    copies[record.index] = (record.copies, contents)
  }

  /// Takes the end of a call of the backend's.
  ///
  /// - Returns: the messages that it answered; `nil` when some of them are missing.
  mutating func finish(_ record: TapControlSlots) -> [Message]? {
    defer {
      requests.removeAll()
      copies.removeAll()
    }
    guard record.slots.first == nextAnswer else { return nil }
    var messages: [Message] = []
    for place in 0..<record.slots.count {
      let message = message(record.slots.words(at: place))
      apply(message)
      messages.append(message)
      nextAnswer.advance()
    }
    if next.isBehind(nextAnswer) { next = nextAnswer }
    return messages
  }

  /// The next message to be answered, from what stands in its slot now.
  private func message(_ slot: TraceEvent.Words) -> Message {
    let request = requests[nextAnswer]
    let copied = copies[nextAnswer]
    return Message(
      index: nextAnswer, request: request ?? TraceEvent.Words(slot.w0, 0, 0, slot.w3),
      isSeen: request != nil, response: ControlResponse(words: [slot.w0, slot.w1, slot.w2, 0]),
      copies: copied?.operations ?? [], contents: copied?.contents ?? [])
  }

  /// Describes the ring as it stands between two calls, and what it has set.
  func describe(_ snapshot: inout VifSnapshot) {
    snapshot.hash = hash
    snapshot.control = isConnected ? QueueSnapshot.Indices(startingAt: nextAnswer) : nil
  }

  private mutating func apply(_ message: Message) {
    guard message.response.status == ControlStatus.success.rawValue else { return }
    let (data0, place) = (message.request.w1, Int(message.request.w3))
    switch ControlMessage(rawValue: message.response.type) {
    case .setHashAlgorithm: hash.algorithm = data0
    case .setHashFlags: hash.types = data0
    case .setHashKey: hash.key = message.contents
    case .setHashMappingSize: hash.mapping = Array(repeating: 0, count: Int(min(data0, 128)))
    case .setHashMapping:
      for entry in 0..<message.contents.count / 4 where place + entry < hash.mapping.count {
        hash.mapping[place + entry] = (0..<4).reduce(0) {
          $0 | UInt32(message.contents[entry * 4 + $1]) << UInt32(8 * $1)
        }
      }
    default: break
    }
  }
}
