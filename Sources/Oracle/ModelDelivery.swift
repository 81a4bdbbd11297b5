import Netif
import XenInterface

/// How the octets of an accepted packet come to the backend, and what is answered when some do not.
///
/// Linux copies the first 128 octets of a packet and maps what lies behind them. A guest sees that by which
/// slots are answered when, and by their statuses when a grant fails.
struct ModelDelivery {
  /// What is done for a slot.
  private struct Piece {
    var answer: ModelAnswer
    /// Octets that are copied; `nil` when nothing is.
    var copied: [UInt8]?
    var isCopied = false
    /// Octets that are mapped.
    var mapped: [UInt8]?
    var isMapped = false

    var copyFailed: Bool { isCopied && copied == nil }
    var mapFailed: Bool { isMapped && mapped == nil }
  }

  /// Slots that a Linux packet holds in its first array.
  private static let arraySize = 17

  private var headers: [Piece] = []
  private var held: [Piece] = []
  /// Answers to slots that bring nothing.
  private(set) var empty: [ModelAnswer] = []

  /// Looks at the pages of an accepted packet.
  ///
  /// - Parameter page: the octets of a page that the guest lets the backend read.
  init(_ packet: ModelPacket, page: (UInt32) -> [UInt8]?) {
    var linear = Self.linear(packet)
    for (place, part) in packet.parts.enumerated() {
      let answer = ModelAnswer(
        id: part.request.id, status: .okay, nulls: place == 0 ? packet.extras : 0)
      guard linear > 0 || part.octets > 0 else {
        empty.append(answer)
        continue
      }
      let count = min(linear, part.octets)
      var piece = Piece(answer: answer)
      let start = Int(part.request.offset)
      let octets = page(part.request.grant.rawValue)
      if linear > 0 {
        piece.isCopied = true
        piece.copied = octets.map { Array($0[start..<start + count]) }
      }
      linear -= count
      guard count < part.octets else {
        headers.append(piece)
        continue
      }
      piece.isMapped = true
      piece.mapped = octets.map { Array($0[(start + count)..<(start + part.octets)]) }
      held.append(piece)
    }
  }

  /// Octets that are copied: of what the packet *says* it has; but the whole first slot where the others
  /// fill the array.
  private static func linear(_ packet: ModelPacket) -> Int {
    let usual = min(packet.total, 128)
    return packet.parts.count > arraySize ? max(usual, packet.parts[0].octets) : usual
  }

  /// The frame; `nil` when an octet of it could not be had.
  var frame: [UInt8]? {
    let pieces = headers + held
    guard !pieces.contains(where: { $0.copyFailed || $0.mapFailed }) else { return nil }
    return pieces.flatMap { $0.copied ?? [] } + held.flatMap { $0.mapped ?? [] }
  }

  /// Answers that are given when the copies and maps were done.
  var polled: [ModelAnswer] {
    let copied = headers.map { $0.copyFailed ? $0.answer.failed : $0.answer }
    return frame == nil ? copied + answersOfLost : copied
  }

  /// Answers that are given when the frame is released.
  var released: [ModelAnswer] { frame == nil ? [] : held.map(\.answer) }

  /// What Linux answers to the mapped slots of a packet that is lost: a slot that failed with an error, a
  /// good one with OKAY; once one has failed, the good ones before it, then each as it comes. A slot of
  /// which the first octets were copied has an error if anything before the maps has failed.
  private var answersOfLost: [ModelAnswer] {
    var hasFailed = headers.contains(where: \.copyFailed) || held.contains(where: \.copyFailed)
    let headFailed = hasFailed
    var answers: [ModelAnswer] = []
    for (place, piece) in held.enumerated() {
      if piece.mapFailed {
        answers.append(piece.answer.failed)
        if !hasFailed { answers += earlier(than: place) }
        hasFailed = true
      } else if hasFailed {
        let isShared = piece.isCopied && headFailed
        answers.append(isShared ? piece.answer.failed : piece.answer)
      }
    }
    return answers
  }

  /// The good slots before the first that failed: those in its array first, then those of the other.
  private func earlier(than place: Int) -> [ModelAnswer] {
    let second = place >= Self.arraySize ? Array(held[Self.arraySize..<place]) : []
    let first = held[..<min(place, Self.arraySize)]
    return (second + first).map(\.answer)
  }
}

extension ModelAnswer {
  fileprivate var failed: ModelAnswer {
    ModelAnswer(id: id, status: .error, nulls: nulls)
  }
}
