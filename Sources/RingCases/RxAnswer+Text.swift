import Netif

// One line per case: name, flags, answers after each step, and the answers of each queue. Flags: `D`
// disabled, `P` a page changed that no answer covers. An answer is id, status, flags, offset, and
// CRC-32 of its page or `-`, parted by points: `3.4096.4.0.1a2b3c4d`; or an extra info's eight octets
// behind an `x`.

extension RxAnswer: RingAnswer {
  /// See `RingAnswer`.
  public var line: String {
    let flags = (isDisabled ? "D" : "") + (touchesPages ? "P" : "")
    let counts = answeredAfterSteps.map(String.init).joined(separator: ",")
    let fields = [flags, counts] + queues.map { $0.map(\.text).joined(separator: ",") }
    return fields.map { $0.isEmpty ? "-" : $0 }.joined(separator: " ")
  }

  /// See `RingAnswer`.
  public init?(line: some StringProtocol) {
    let fields = line.split(separator: " ", omittingEmptySubsequences: false)
    guard fields.count >= 3 else { return nil }
    isDisabled = fields[0].contains("D")
    touchesPages = fields[0].contains("P")
    answeredAfterSteps = fields[1].split(separator: ",").compactMap { Int($0) }
    queues = []
    for field in fields.dropFirst(2) {
      var slots: [RxAnsweredSlot] = []
      for item in field.split(separator: ",") where item != "-" {
        guard let slot = RxAnsweredSlot(text: String(item)) else { return nil }
        slots.append(slot)
      }
      queues.append(slots)
    }
  }

  /// Equal means: the same vif state; the same answers of each queue, in order, with their octets;
  /// the same contents of the guest's pages; as many answers after each step.
  public func differences(from other: RxAnswer, in asked: RxCase) -> [AnswerDifference] {
    func slots(_ answer: RxAnswer) -> [[RxAnsweredSlot]] {
      answer.queues.map { $0.map(\.withoutPage) }
    }
    func pages(_ answer: RxAnswer) -> [[UInt32?]] { answer.queues.map { $0.map(\.page) } }
    let checks: [(AnswerDifference, Bool)] = [
      (.disabled, isDisabled == other.isDisabled),
      (.answers, slots(self) == slots(other)),
      (.frames, pages(self) == pages(other)),
      (.touchedPages, touchesPages == other.touchesPages),
      (.timing, answeredAfterSteps == other.answeredAfterSteps),
    ]
    return checks.filter { !$0.1 }.map(\.0)
  }
}

extension RxAnsweredSlot {
  fileprivate var page: UInt32? { if case .data(_, let page) = self { page } else { nil } }

  fileprivate var withoutPage: RxAnsweredSlot {
    if case .data(let response, _) = self { .data(response, page: nil) } else { self }
  }

  fileprivate var text: String {
    switch self {
    case .data(let response, let page):
      let numbers = "\(response.id).\(response.status.rawValue).\(response.flags.rawValue)"
      return "\(numbers).\(response.offset)." + (page.map { hexadecimal($0) } ?? "-")
    case .extra(let low, let high): return "x" + hexadecimal(low) + hexadecimal(high)
    }
  }

  fileprivate init?(text: String) {
    if text.hasPrefix("x") {
      guard text.utf8.count == 17, let low = UInt32(text.dropFirst().prefix(8), radix: 16),
        let high = UInt32(text.dropFirst(9), radix: 16)
      else { return nil }
      self = .extra(low, high)
      return
    }
    let parts = text.split(separator: ".")
    guard parts.count == 5, let id = UInt16(parts[0]), let status = Int16(parts[1]),
      let flags = UInt16(parts[2]), let offset = UInt16(parts[3])
    else { return nil }
    let response = RxResponse(
      id: id, offset: offset, flags: RxFlags(rawValue: flags),
      status: NetifStatus(rawValue: status))
    self = .data(response, page: UInt32(parts[4], radix: 16))
  }
}

/// Eight digits.
func hexadecimal(_ word: UInt32) -> String {
  let digits = String(word, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
