import Netback
import TestSupport
import Testing

@Suite struct `Groups of queues` {
  private func sizes(_ groups: WorkerGroups<Int>) -> [Int] { groups.queues.map(\.count) }

  @Test func `a queue goes where the fewest are, to the first of these`() {
    var groups = WorkerGroups<Int>(count: 3)
    #expect((0..<7).map { groups.connect($0) } == [0, 1, 2, 0, 1, 2, 0])
  }

  @Test func `queues that go leave room to the others`() {
    var groups = WorkerGroups<Int>(count: 2)
    for queue in 0..<6 { _ = groups.connect(queue) }
    #expect(groups.disconnect([0, 2]).map { [$0.queue, $0.from, $0.to] } == [[5, 1, 0]])
    #expect(groups.queues == [[4, 5], [1, 3]])
    #expect(groups.disconnect([77]).isEmpty)
  }

  @Test func `there is one group at least`() {
    var groups = WorkerGroups<Int>(count: 0)
    #expect(groups.connect(1) == 0)
  }

  @Test(arguments: 1...6, [1, 0xfeed] as [UInt64])
  func `after any changes groups differ by one queue at most, and few have moved`(
    _ count: Int, _ seed: UInt64
  ) {
    var random = SeededGenerator(seed: seed)
    var groups = WorkerGroups<Int>(count: count)
    var served: Set<Int> = []
    for step in 0..<500 {
      let before = groups
      let amount = Int.random(in: 1...8, using: &random)
      if served.count < 40, Bool.random(using: &random) {
        for queue in 0..<amount { _ = groups.connect(step * 10 + queue) }
        served.formUnion((0..<amount).map { step * 10 + $0 })
      } else {
        let leaving = served.sorted().shuffled(using: &random).prefix(amount)
        served.subtract(leaving)
        let moves = groups.disconnect(leaving)
        #expect(moves.count <= leaving.count, "seed \(seed), step \(step)")
        for move in moves { #expect(before.group(of: move.queue) == move.from) }
      }
      let (least, most) = (sizes(groups).min() ?? 0, sizes(groups).max() ?? 0)
      #expect(most - least <= 1, "seed \(seed), step \(step): \(sizes(groups))")
      let all = groups.queues.flatMap { $0 }
      #expect(all.sorted() == served.sorted(), "seed \(seed), step \(step)")
    }
  }
}
