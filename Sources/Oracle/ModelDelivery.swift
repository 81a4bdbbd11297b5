import Netif

/// How the octets of an accepted packet come to the backend, and what is answered when some do not.
///
/// Linux copies the first 128 octets of a packet and maps what lies behind them. A guest sees that by which
/// slots are answered when, and by their statuses when a grant fails. A backend that copies all answers the same.
struct ModelDelivery {
  /// Slots that a Linux packet holds in its first array.
  private static let arraySize = 17

  /// The slots that are copied whole.
  let headers: ArraySlice<ModelPiece>
  /// Those behind them, of which something is mapped.
  let held: ArraySlice<ModelPiece>
  /// Whether what cannot be mapped is said when the frame is let go.
  let isLate: Bool

  /// Octets that are copied: of what the packet *says* it has; but the whole first slot where the others
  /// fill the array.
  static func linear(_ packet: ModelPacket) -> Int {
    let usual = min(packet.total, 128)
    return packet.parts.count > arraySize ? max(usual, packet.parts[0].octets) : usual
  }

  /// Whether some of the first octets could not be had.
  var copyFailed: Bool {
    headers.contains { $0.copied.isRefused } || held.contains { $0.copied.isRefused }
  }

  private var mapFailed: Bool { held.contains { $0.mapped.isRefused } }

  /// Whether every octet of the frame could be had.
  var isWhole: Bool { !copyFailed && !mapFailed }

  /// Whether it is known to be lost when the copies and maps were done.
  private var isLost: Bool { copyFailed || !isLate && mapFailed }

  /// Puts the frame's octets behind those of the frames before it.
  func put(into frames: inout ModelFrames) {
    for piece in headers { frames.append(piece.copied.octets) }
    for piece in held { frames.append(piece.copied.octets) }
    for piece in held { frames.append(piece.mapped.octets) }
  }

  /// Gives the answers that are given when the copies and maps were done.
  func poll(_ answers: inout [ModelAnswer]) {
    for piece in headers {
      answers.append(piece.copied.isRefused ? piece.answer.failed : piece.answer)
    }
    if isLost { answerLost(&answers) }
  }

  /// Gives the answers that are given when the frame is released.
  func release(_ answers: inout [ModelAnswer]) {
    guard !isLost else { return }
    for piece in held {
      answers.append(piece.mapped.isRefused ? piece.answer.failed : piece.answer)
    }
  }

  /// What Linux answers to the mapped slots of a packet that is lost: a slot that failed with an error, a
  /// good one with OKAY; once one has failed, the good ones before it, then each as it comes. A slot of
  /// which the first octets were copied has an error if anything before the maps has failed.
  private func answerLost(_ answers: inout [ModelAnswer]) {
    let headFailed = copyFailed
    var hasFailed = headFailed
    for place in held.indices {
      let piece = held[place]
      if piece.mapped.isRefused {
        answers.append(piece.answer.failed)
        if !hasFailed { answerEarlier(than: place, &answers) }
        hasFailed = true
      } else if hasFailed {
        let isShared = piece.copied.isAsked && headFailed
        answers.append(isShared ? piece.answer.failed : piece.answer)
      }
    }
  }

  /// The good slots before the first that failed: those beyond the first array first, then those in it.
  private func answerEarlier(than place: Int, _ answers: inout [ModelAnswer]) {
    let boundary = min(place, held.startIndex + Self.arraySize)
    for piece in held[boundary..<place] { answers.append(piece.answer) }
    for piece in held[..<boundary] { answers.append(piece.answer) }
  }
}

extension ModelAnswer {
  fileprivate var failed: ModelAnswer {
    ModelAnswer(id: id, status: .error, nulls: nulls)
  }
}
