import ArgumentParser
import Netback
import Netfront
import Netif
import SimulatedXen
import XenInterface
import XenRing

/// The whole way of packets on the simulation, for an instruction counter.
struct NetbackBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netback",
    abstract: "Sends packets through the netback on the simulation; run it under callgrind.",
    discussion: "Example: valgrind --tool=callgrind ringside-bench netback --packets 20000")

  @Option(help: "Packets to send.") var packets = 100_000
  @Option(help: "Octets in each of its slots.") var size = 64
  @Option(help: "Slots of each, where they come from the guest.") var slots = 1
  @Option(help: "Packets published at a time.") var burst = 32
  @Option(help: "A data path.") var path = BenchPath(path: .copy)
  @Flag(help: "Send them to the guest, and not from it.") var receive = false

  func run() throws {
    let sink = CountingSink()
    let machine = SimulatedMachine(seed: 1)
    let rings = try BenchRings(of: machine)
    let context = VifContext(
      configuration: VifConfiguration(
        domain: rings.domain, handle: VifHandle(rawValue: 0), path: path.path),
      grants: machine.connect(.control).grants, sink: sink)
    let now = machine.loop.now
    if receive {
      print("\(try sendToGuest(rings, context, now)) frames handed over of \(packets) sent")
    } else {
      try sendFromGuest(rings, context, now)
      print("\(sink.frames) frames delivered of \(packets) sent")
    }
  }

  private func sendFromGuest(
    _ rings: BenchRings, _ context: VifContext, _ now: MonotonicInstant
  ) throws {
    var front = FrontRing<SharedPage, TxRequest, TxResponse>(initializing: rings.page)
    let queue = TxQueue(ring: try BackRing(attaching: rings.page), context: context, queue: 0)
    // Out of the options and the pages, whose look-up costs more than a slot.
    let (packets, burst, slots, grants) = (packets, burst, slots, rings.grants)
    let (size, whole) = (UInt16(clamping: size), UInt16(clamping: size * slots))
    var (sent, place) = (0, 0)
    while sent < packets {
      for _ in 0..<burst {
        for slot in 0..<slots {
          front.put(
            TxRequest(
              grant: grants[place & 255], offset: 0, flags: slot + 1 < slots ? .moreData : [],
              id: UInt16(truncatingIfNeeded: place), size: slot == 0 ? whole : size))
          place += 1
        }
      }
      _ = front.pushRequests()
      _ = queue.poll(now: now)
      for _ in 0..<(try front.unconsumedResponses()) { _ = front.takeResponse() }
      sent += burst
    }
  }

  private func sendToGuest(
    _ rings: BenchRings, _ context: VifContext, _ now: MonotonicInstant
  ) throws -> Int {
    var front = FrontRing<SharedPage, RxRequest, RxResponse>(initializing: rings.page)
    let queue = RxQueue(ring: try BackRing(attaching: rings.page), context: context, queue: 0)
    let (packets, burst, grants) = (packets, burst, rings.grants)
    let frame = [UInt8](repeating: 7, count: size)
    var (sent, taken) = (0, 0)
    while sent < packets {
      for place in sent..<(sent + burst) {
        front.put(RxRequest(id: UInt16(place & 255), grant: grants[place & 255]))
        _ = queue.enqueue(frame.span.octets, offload: FrameOffload(), now: now)
      }
      _ = front.pushRequests()
      taken += queue.poll(now: now).packets
      for _ in 0..<(try front.unconsumedResponses()) { _ = front.takeResponse() }
      sent += burst
    }
    return taken
  }
}

/// A guest's ring and its pages for packets.
private struct BenchRings {
  let domain = DomainID(rawValue: 1)
  private let ring: any GrantedPages
  private let data: any GrantedPages
  let grants: [GrantReference]

  init(of machine: SimulatedMachine) throws(GrantError) {
    let allocator = machine.connect(domain).allocator
    ring = try allocator.share(1, with: .control, access: .readWrite)
    data = try allocator.share(256, with: .control, access: .readWrite)
    grants = data.grants
  }

  /// The ring's page, for either end.
  var page: SharedPage { ring.ringPage(0) }
}

/// Counts frames and looks at nothing.
private final class CountingSink: FrameSink {
  var frames = 0
  func deliver(_ batch: FrameBatch, queue: UInt16) { frames += batch.frames.count }
}
