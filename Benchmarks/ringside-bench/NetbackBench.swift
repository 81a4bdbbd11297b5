import ArgumentParser
import Netback
import Netfront
import Netif
import SimulatedXen
import XenInterface
import XenRing

/// The whole TX path on the simulation, for an instruction counter.
struct NetbackBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netback",
    abstract: "Sends packets through the netback on the simulation; run it under callgrind.",
    discussion: "Example: valgrind --tool=callgrind ringside-bench netback --packets 20000")

  @Option(help: "Packets to send.") var packets = 100_000
  @Option(help: "Octets in each.") var size = 64
  @Option(help: "Packets published at a time.") var burst = 32
  @Option(help: "A data path.") var path = BenchPath(path: .copy)

  func run() throws {
    let machine = SimulatedMachine(seed: 1)
    let domain = DomainID(rawValue: 1)
    let guest = machine.connect(domain)
    let rings = try guest.allocator.share(2, with: .control, access: .readWrite)
    let data = try guest.allocator.share(256, with: .control, access: .readOnly)
    let sink = CountingSink()
    let context = VifContext(
      configuration: VifConfiguration(
        domain: domain, handle: VifHandle(rawValue: 0), path: path.path),
      grants: machine.connect(.control).grants, sink: sink)
    var front = FrontRing<SharedPage, TxRequest, TxResponse>(initializing: rings.ringPage(0))
    let queue = TxQueue(
      ring: try BackRing(attaching: rings.ringPage(0)), context: context, queue: 0)
    // Out of the options, whose look-up costs more than a slot.
    let (packets, burst, size) = (packets, burst, UInt16(clamping: size))
    var sent = 0
    while sent < packets {
      for place in 0..<burst {
        front.put(
          TxRequest(
            grant: data.grants[(sent + place) & 255], offset: 0, flags: [],
            id: UInt16(truncatingIfNeeded: sent + place), size: size))
      }
      _ = front.pushRequests()
      _ = queue.poll(now: machine.loop.now)
      for _ in 0..<(try front.unconsumedResponses()) { _ = front.takeResponse() }
      sent += burst
    }
    print("\(sink.frames) frames delivered of \(sent) sent")
  }
}

/// Counts frames and looks at nothing.
private final class CountingSink: FrameSink {
  var frames = 0
  func deliver(_ batch: FrameBatch, queue: UInt16) { frames += batch.frames.count }
}
