import ArgumentParser
import Netback
import Netif
import SimulatedXen
import XenInterface
import XenRing

/// How long a frame for the guest takes from the one who brings it to the answer in the ring.
struct StagedBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "staged",
    abstract: "Puts frames into staged pages in the caller's turn, and by the queue and a poll.",
    discussion: "Example: ringside-bench staged --size 1400 --rounds 31")

  @Option(help: "Rounds, of which the median counts.") var rounds = 31
  @Option(help: "Frames in each round.") var frames = 51_200
  @Option(help: "Octets in a frame; the result for each.") var size: [Int] = [64, 1400, 9000]

  func run() throws {
    print("one frame at a time, processor time; ratios to the queued path by Xen's copies")
    for size in size { try measure(size) }
  }

  private func measure(_ size: Int) throws {
    let ways = try RxBed.Way.allCases.map { (way: $0, bed: try RxBed($0, size: size)) }
    var seconds = ways.map { _ in [Double]() }
    for _ in 0..<rounds {
      for place in ways.indices { seconds[place].append(try ways[place].bed.round(frames)) }
    }
    let medians = seconds.map { Rounds.median($0) * 1e9 / Double(frames) }
    for (place, way) in ways.enumerated() {
      print(
        "\(size) octets, \(way.way.rawValue): \(fixed(medians[place])) ns,"
          + " \(fixed(medians[place] / medians[medians.count - 1]))")
    }
  }
}

/// A guest that offers pages to receive into, and a queue of ours that fills them one frame at a time.
private final class RxBed {
  enum Way: String, CaseIterable {
    case atOnce = "staged, in the caller's turn"
    case queued = "staged, queued and polled"
    case copied = "copied by Xen, queued and polled"
  }

  private let way: Way
  private let frame: [UInt8]
  private let grants: [GrantReference]
  private let queue: RxQueue<SharedPage>
  private var front: FrontRing<SharedPage, RxRequest, RxResponse>
  private let held: [any GrantedPages]
  private let now: MonotonicInstant

  init(_ way: Way, size: Int) throws {
    self.way = way
    frame = [UInt8](repeating: 2, count: size)
    let machine = SimulatedMachine(seed: 1)
    let guest = machine.connect(DomainID(rawValue: 1))
    let ring = try guest.allocator.share(1, with: .control, access: .readWrite)
    let pages = try guest.allocator.share(256, with: .control, access: .readWrite)
    let context = VifContext(
      configuration: VifConfiguration(
        domain: guest.domain, handle: VifHandle(rawValue: 0), path: .staged,
        features: [.rxNotify]),
      grants: machine.connect(.control).grants, sink: NoSink())
    let staging = StagingTable(before: context.grants, domain: guest.domain)
    if way != .copied {
      try staging.add(pages.grants.map { StagedGrant(grant: $0, isReadOnly: false) })
    }
    front = FrontRing(initializing: ring.ringPage(0), start: RingIndex(rawValue: 0))
    queue = RxQueue(
      ring: try BackRing(attaching: ring.ringPage(0)), context: context, queue: 0,
      staging: staging)
    grants = pages.grants
    held = [ring, pages]
    now = machine.loop.now
  }

  /// Seconds that it takes to put so many frames into pages, offering them left out.
  func round(_ frames: Int) throws -> Double {
    let slots = (frame.count + RingLayout.pageSize - 1) / RingLayout.pageSize
    let (frame, burst) = (frame, 256 / slots)
    var seconds = 0.0
    var left = frames
    while left > 0 {
      offer()
      let count = min(burst, left)
      seconds += ProcessorTime.thread.measure { for _ in 0..<count { put(frame.span.octets) } }
      for _ in 0..<(try front.unconsumedResponses()) { _ = front.takeResponse() }
      left -= count
    }
    return seconds
  }

  private func offer() {
    for place in 0..<Int(front.freeRequests) {
      front.put(RxRequest(id: UInt16(place), grant: grants[place]))
    }
    _ = front.pushRequests()
  }

  @inline(__always) private func put(_ octets: RawSpan) {
    guard way != .atOnce else {
      _ = queue.send(octets, offload: FrameOffload(), now: now)
      return
    }
    _ = queue.enqueue(octets, offload: FrameOffload(), now: now)
    _ = queue.poll(now: now)
  }
}

/// Nothing comes from this guest.
private final class NoSink: FrameSink {
  func deliver(_ batch: FrameBatch, queue: UInt16) {}
}
