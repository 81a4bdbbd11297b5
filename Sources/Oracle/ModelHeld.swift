/// Answers to the slots of frames that somebody holds.
struct ModelHeld {
  private var answers: [ModelAnswer] = []
  /// Where those of each frame end.
  private var ends: [Int] = []

  /// Takes those that are given when a frame is let go.
  mutating func add(_ delivery: ModelDelivery) {
    delivery.release(&answers)
    ends.append(answers.count)
  }

  /// Gives the answers of all, the last frame's first.
  mutating func release(_ released: inout [ModelAnswer]) {
    while let end = ends.popLast() { released += answers[(ends.last ?? 0)..<end] }
    forget()
  }

  mutating func forget() {
    answers.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }
}
