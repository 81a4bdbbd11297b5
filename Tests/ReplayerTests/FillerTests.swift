import Netfront
import SimulatedXen
import Testing
import XenInterface
import XenRing

@testable import Replayer

/// What a guest's page holds where the snap length cut the trace.
@Suite struct FillerTests {
  private static let place = 3

  @Test(arguments: [UInt64(1), 2, 3])
  func `a page filled for packet after packet holds what filling all of each would leave`(
    _ seed: UInt64
  ) throws {
    let machine = SimulatedMachine(seed: 1)
    let (backend, guest) = (machine.connect(.control), machine.connect(DomainID(rawValue: 1)))
    let front = try FrontQueue(
      NetfrontOptions(txPages: GuestSlots.count), split: false, backend: backend.domain, xen: guest)
    var slots = GuestSlots(front.txPages, ring: 0)
    var expected = [UInt8](repeating: 0, count: RingLayout.pageSize)
    var random = SeededGenerator(seed: seed)
    for packet in 0..<400 {
      let offset = Int.random(in: 0..<RingLayout.pageSize, using: &random)
      let count = Int.random(in: 0...RingLayout.pageSize - offset, using: &random)
      let position = [0, 7, 42, 4096].randomElement(using: &random) ?? 0
      slots.fill(place: Self.place, offset: offset, count: count, position: position)
      Filler.withOctets(position, count: count) { expected.replace(at: offset, with: $0) }
      let known = [UInt8](repeating: UInt8(packet & 0xff), count: min(count, packet % 200))
      slots.write(known.span.octets, at: offset, place: Self.place)
      expected.replace(at: offset, with: known.span.octets)
      #expect(front.octets(of: Self.place) == expected, "seed \(seed), packet \(packet)")
    }
  }
}

extension [UInt8] {
  fileprivate mutating func replace(at offset: Int, with octets: RawSpan) {
    for place in octets.byteOffsets { self[offset + place] = octets.octet(at: place) }
  }
}

extension FrontQueue {
  fileprivate func octets(of page: Int) -> [UInt8] {
    var octets: [UInt8] = []
    txPages.append(page: page, 0..<RingLayout.pageSize, to: &octets)
    return octets
  }
}
