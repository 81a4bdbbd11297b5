public import Netif
import XenRing

/// The control ring's rules as a program that can be run: messages in, answers out.
///
/// As `TxModel` it is what netbacks are held to, and shares only the layout of a message with them.
public struct ControlModel {
  /// Slots of a control ring.
  private static let slots: UInt32 = 128
  /// Entries of a mapping at most.
  private static let mappingLimit = 128
  private static let keyLimit = 40
  private static let hashTypes: UInt32 = 0b1111

  private let queues: Int
  private let pages: TxModel.Pages
  private var words = ModelSlots(slots)
  private var written: UInt32
  private var requested: UInt32
  private var answered: UInt32
  /// Whether the guest was cut off.
  public private(set) var isDisabled = false
  /// What was set.
  public private(set) var hash = ModelHash()
  /// What is staged, where data may come so.
  private var staging: ModelStaging?
  private var answers: [ControlResponse] = []

  /// A vif with some queues, whose ring starts at `start`.
  public init(
    queues: Int, start: UInt32 = 0, staging: ModelStaging? = nil, pages: @escaping TxModel.Pages
  ) {
    self.queues = queues
    self.pages = pages
    self.staging = staging
    (written, requested, answered) = (start, start, start)
  }

  /// The guest has closed, and connected again with a fresh ring. What it has set stays, nothing is staged.
  public mutating func reconnect(start: UInt32) {
    words.forget()
    staging?.forget()
    (written, requested, answered) = (start, start, start)
  }

  /// Another guest takes its place: nothing is set, and it was not cut off.
  public mutating func restart(start: UInt32) {
    reconnect(start: start)
    hash.forget()
    isDisabled = false
  }

  /// Writes the next message.
  public mutating func write(_ request: ControlRequest) {
    words[written] = request.words
    written &+= 1
  }

  /// Says that there are messages up to what was written, and `beyond` more.
  public mutating func claim(beyond: UInt32 = 0) { requested = written &+ beyond }

  /// Says the same, and has them answered.
  public mutating func publish(beyond: UInt32 = 0) -> [ControlResponse] {
    claim(beyond: beyond)
    return run()
  }

  /// Answers what is claimed.
  ///
  /// What it returned before is best let go by then: these answers take its room.
  public mutating func run() -> [ControlResponse] {
    answers.removeAll(keepingCapacity: true)
    guard !isDisabled, requested &- answered <= Self.slots else {
      isDisabled = true
      return answers
    }
    while answered != requested {
      let answer = answer(to: ControlRequest(words: words[answered]))
      for word in 0..<ControlResponse.wordCount { words[answered][word] = answer.words[word] }
      answered &+= 1
      answers.append(answer)
    }
    return answers
  }

  private mutating func answer(to request: ControlRequest) -> ControlResponse {
    let (status, data) = outcome(of: request)
    return ControlResponse(id: request.id, type: request.type, status: status.rawValue, data: data)
  }

  private mutating func outcome(of request: ControlRequest) -> (Outcome, UInt32) {
    switch request.type {
    case 1: hash.algorithm == 0 ? (.notSupported, 0) : (.success, Self.hashTypes)
    case 2: (setTypes(request.data0), 0)
    case 3: (setKey(request.data0, length: request.data1), 0)
    case 4: (.success, UInt32(Self.mappingLimit))
    case 5: (setSize(request.data0), 0)
    case 6: (setMapping(request.data0, count: request.data1, place: request.data2), 0)
    case 7: (setAlgorithm(request.data0), 0)
    case 8...10: stage(request)
    default: (.notSupported, 0)
    }
  }

  private mutating func stage(_ request: ControlRequest) -> (Outcome, UInt32) {
    let (queue, list, count) = (request.data0, request.data1, request.data2)
    guard staging != nil else { return (.notSupported, 0) }
    let data: UInt32? =
      switch request.type {
      case 8: staging?.size(queue)
      case 9: staging?.add(queue, list: list, count: count) == true ? 0 : nil
      default: staging?.remove(queue, list: list, count: count)
      }
    return data.map { (.success, $0) } ?? (.invalid, 0)
  }

  private enum Outcome: UInt32 {
    case success = 0
    case notSupported = 1
    case invalid = 2
  }
}

// MARK: - Messages

extension ControlModel {
  private mutating func setAlgorithm(_ number: UInt32) -> Outcome {
    guard number <= 1 else { return .invalid }
    hash.algorithm = number
    return .success
  }

  private mutating func setTypes(_ bits: UInt32) -> Outcome {
    guard bits <= Self.hashTypes, hash.algorithm != 0 else { return .invalid }
    hash.types = bits
    return .success
  }

  /// Octets that are not given are zeros.
  private mutating func setKey(_ grant: UInt32, length: UInt32) -> Outcome {
    guard length <= Self.keyLimit else { return .invalid }
    guard length > 0 else {
      hash.key = InlineArray(repeating: 0)
      return .success
    }
    guard let page = pages(grant) else { return .invalid }
    hash.key = InlineArray { $0 < Int(length) ? page[$0] : 0 }
    return .success
  }

  /// The mapping begins anew.
  private mutating func setSize(_ count: UInt32) -> Outcome {
    guard count <= Self.mappingLimit else { return .invalid }
    hash.mapping.removeAll(keepingCapacity: true)
    for _ in 0..<count { hash.mapping.append(0) }
    return .success
  }

  /// All entries or none.
  private mutating func setMapping(_ grant: UInt32, count: UInt32, place: UInt32) -> Outcome {
    guard UInt64(place) + UInt64(count) <= hash.mapping.count else { return .invalid }
    guard count > 0 else { return .success }
    guard let page = pages(grant) else { return .invalid }
    let entries = 0..<Int(count)
    guard entries.allSatisfy({ page.word($0) < queues }) else { return .invalid }
    for entry in entries { hash.mapping[Int(place) + entry] = page.word(entry) }
    return .success
  }
}

extension [UInt8] {
  /// A little-endian word, by its number.
  fileprivate func word(_ number: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(self[4 * number + $1]) << UInt32(8 * $1) }
  }
}
