import Foundation
import Synchronization
import Testing
import XenHost
import XenInterface

/// Counts its calls, which any thread may read, and wants more of them for a while.
private final class CountingWorker: Worker, Sendable {
  let calls = Atomic(0)
  private let wanted: Int

  init(wanting calls: Int = 0) { wanted = calls }

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    calls.add(1, ordering: .relaxed)
    return calls.load(ordering: .relaxed) < wanted ? now : nil
  }
}

/// Reads which signals its thread does not take.
private final class MaskReader: Worker, Sendable {
  let blocked = Atomic<UInt64>(0)

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    let status = try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }
    let digits = line?.split(separator: "\t").last ?? ""
    blocked.store(UInt64(digits, radix: 16) ?? 0, ordering: .relaxed)
    return nil
  }
}

@Suite struct `A loop on a thread` {
  private func started(_ worker: CountingWorker) throws -> LoopThread {
    let thread = try LoopThread(HostLoop())
    thread.loop.add(worker)
    try thread.start()
    return thread
  }

  @Test func `calls every worker before a round that was asked for is over`() throws {
    let worker = CountingWorker()
    let thread = try started(worker)
    for _ in 0..<1000 {
      let before = worker.calls.load(ordering: .relaxed)
      thread.makeRound()
      #expect(worker.calls.load(ordering: .relaxed) > before)
    }
    thread.end()
  }

  @Test func `calls those who want it, and sleeps when nobody does`() throws {
    let worker = CountingWorker(wanting: 500)
    let thread = try started(worker)
    for _ in 0..<1000 where worker.calls.load(ordering: .relaxed) < 500 { usleep(1000) }
    usleep(20_000)
    #expect(worker.calls.load(ordering: .relaxed) == 500)
    thread.end()
    #expect(worker.calls.load(ordering: .relaxed) <= 502)
  }

  @Test func `ends when it is let go of, and twice does nothing`() throws {
    let worker = CountingWorker(wanting: .max)
    do {
      let thread = try started(worker)
      thread.makeRound()
      thread.end()
      thread.end()
    }
    do { _ = try started(worker) }
    let calls = worker.calls.load(ordering: .relaxed)
    usleep(5000)
    #expect(worker.calls.load(ordering: .relaxed) == calls)
  }

  @Test func `leaves signals to the others`() throws {
    let worker = MaskReader()
    let thread = try LoopThread(HostLoop())
    thread.loop.add(worker)
    try thread.start()
    thread.makeRound()
    thread.end()
    for signal in [SIGINT, SIGTERM, SIGUSR1] {
      #expect(worker.blocked.load(ordering: .relaxed) >> UInt64(signal - 1) & 1 == 1)
    }
  }
}
