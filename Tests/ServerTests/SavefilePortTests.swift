import Foundation
import Netback
import Netif
import PacketCapture
import Server
import Testing
import XenInterface
import XenRing

/// An end that goes to a thread, whose alone it is from then on.
private struct Given: @unchecked Sendable { let end: any DividedPort }

@Suite struct `A savefile of a vif` {
  private let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("ringside-\(UUID().uuidString).pcap").path
  private let place = VifPlace(
    domain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0))

  /// Delivers frames one by one, of which each is known by its length and its source.
  private static func deliver(_ count: Int, from source: UInt8, to end: any DividedPort) {
    for number in 0..<count {
      let octets = ethernet(from: source, to: 9, 60 + number)
      let frames: [1 of TxFrame] = [
        TxFrame(
          head: RingIndex(rawValue: 0), start: 0, length: UInt32(octets.count),
          offload: FrameOffload())
      ]
      let none: [FrameFragment] = []
      let batch = FrameBatch(frames.span, octets: octets.span.octets, fragments: none.span)
      end.deliver(batch, queue: UInt16(source))
    }
  }

  @Test func `has the frames of all its queues, each in order and whole`() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let port = try SavefilePorts(path) { 1_700_000_000_000_000_000 }.makePort(for: place)
    let divided = try #require(port as? any DividedPort)
    let ends = try (0..<4).map { Given(end: try divided.openEnd(of: $0)) }
    DispatchQueue.concurrentPerform(iterations: 4) { number in
      Self.deliver(500, from: UInt8(number), to: ends[number].end)
    }
    port.retire()
    let reader = try SavefileReader(path: path)
    var seen = [Int](repeating: 0, count: 4)
    while let frame = try reader.nextFrame() {
      let source = frame.octets[11]
      #expect(frame.octets == ethernet(from: source, to: 9, 60 + seen[Int(source)]))
      seen[Int(source)] += 1
    }
    #expect(seen == [500, 500, 500, 500])
  }
}
