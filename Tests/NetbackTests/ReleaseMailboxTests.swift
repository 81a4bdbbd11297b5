import Dispatch
import Netback
import Synchronization
import Testing
import XenRing

@Suite struct `A release mailbox` {
  @Test func `hands out what many threads post, each post once and each thread's in order`() {
    let (threads, posts) = (3, 20_000)
    let mailbox = ReleaseMailbox()
    let refusals = Atomic<Int>(0)
    var taken = [[UInt32]](repeating: [], count: threads)
    let group = DispatchGroup()
    for thread in 0..<threads {
      DispatchQueue.global().async(group: group) {
        for number in 0..<posts {
          let head = RingIndex(rawValue: UInt32(thread) << 24 | UInt32(number))
          while mailbox.post(head) == .full { refusals.add(1, ordering: .relaxed) }
        }
      }
    }
    while taken.reduce(0, { $0 + $1.count }) < threads * posts {
      mailbox.drain { taken[Int($0.rawValue >> 24)].append($0.rawValue & 0xff_ffff) }
    }
    group.wait()
    for numbers in taken { #expect(numbers == (0..<UInt32(posts)).map { $0 }) }
  }

  @Test func `refuses what it has no room for until something is taken out`() {
    let mailbox = ReleaseMailbox(capacity: 2)
    let heads = (0..<3).map { RingIndex(rawValue: 0xffff_ffff &+ $0) }
    #expect(heads.map(mailbox.post) == [.taken, .taken, .full])
    var taken: [RingIndex] = []
    mailbox.drain { taken.append($0) }
    #expect(taken == Array(heads.prefix(2)))
    #expect(mailbox.post(heads[2]) == .taken)
  }

  @Test func `holds a ring of posts, in the second round and later too`() {
    let mailbox = ReleaseMailbox()
    for round in 0..<5 {
      let heads = (0..<256).map { RingIndex(rawValue: UInt32(round * 100 + $0)) }
      #expect(heads.allSatisfy { mailbox.post($0) == .taken })
      #expect(mailbox.post(heads[0]) == .full)
      var taken: [RingIndex] = []
      mailbox.drain { taken.append($0) }
      #expect(taken == heads)
    }
  }

  @Test func `says that its queue is gone`() {
    let mailbox = ReleaseMailbox()
    mailbox.close()
    #expect(mailbox.post(RingIndex(rawValue: 0)) == .closed)
  }

  @Test func `wakes the worker`() {
    let wakes = Counter()
    let mailbox = ReleaseMailbox(wake: { wakes.count.add(1, ordering: .relaxed) })
    _ = mailbox.post(RingIndex(rawValue: 0))
    #expect(wakes.count.load(ordering: .relaxed) == 1)
  }
}

private final class Counter: Sendable { let count = Atomic<Int>(0) }
