import Netif

extension CaseAnswer {
  /// What of the answer any backend must give: each slot's, in the slots' order. The answers' own order is the
  /// backend's to choose.
  ///
  /// - Parameter frames: stand in for frames that nobody has seen; `nil` when they were seen.
  public func bySlot(assuming frames: [FrameDigest]? = nil) -> CaseAnswer {
    var answer = self
    answer.slots.sort { $0.id < $1.id }
    if let frames { answer.frames = frames }
    return answer
  }
}
