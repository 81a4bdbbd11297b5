import Netif

extension CaseAnswer {
  /// What of the answer any backend must give: each slot's, in the slots' order. The answers' own order is the
  /// backend's to choose.
  ///
  /// - Parameter frames: stand in for frames that nobody has seen; `nil` when they were seen.
  public func bySlot(assuming frames: [FrameDigest]? = nil) -> CaseAnswer {
    var answer = self
    // Slots that have an id together are told apart by their answers alone.
    answer.slots.sort {
      ($0.id, $0.status.rawValue, $0.nulls) < ($1.id, $1.status.rawValue, $1.nulls)
    }
    if let frames { answer.frames = frames }
    return answer
  }
}
