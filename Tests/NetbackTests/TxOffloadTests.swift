import Netback
import Netif
import Testing
import XenRing

/// A TCP frame over IPv4 whose checksum is wrong.
private let frame: [UInt8] =
  [UInt8](repeating: 2, count: 12) + [0x08, 0x00, 0x45, 0, 0, 106, 0, 0, 0, 0, 64, 6, 0, 0]
  + [10, 0, 0, 1, 10, 0, 0, 2, 0x12, 0x34, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10, 1, 0]
  + [0xba, 0xad, 0, 0] + (0..<66).map { $0 }

@Suite struct `What a guest says of its frame's checksum` {
  @Test(
    arguments: [
      (TxFlags(), ChecksumState.unknown), (.dataValidated, .verified), (.checksumBlank, .partial),
      ([.checksumBlank, .dataValidated], .partial),
    ] as [(TxFlags, ChecksumState)])
  func `travels with the frame, which stays as it is`(
    _ flags: TxFlags, _ state: ChecksumState
  ) throws {
    let bench = try TxBench()
    bench.fill(page: 0, frame)
    bench.publish([bench.request(size: UInt16(frame.count), flags: flags).words])
    bench.pollAll()
    #expect(bench.sink.frames.map(\.offload.checksum) == [state])
    #expect(bench.sink.frames.map(\.octets) == [frame])
  }

  @Test(arguments: [[], .dataValidated] as [TxFlags])
  func `is overruled when the frame is to be cut: the sum is blank, the pseudo header's in place`(
    _ flags: TxFlags
  ) throws {
    let bench = try TxBench()
    bench.fill(page: 0, frame)
    let size = UInt16(frame.count)
    bench.publish(
      bench.packet([size], flags: flags, extras: [.gso(size: 50, type: Segmentation.tcpv4)]))
    bench.pollAll()
    let place = ChecksumPlace(frame.span.octets)
    let blank = try #require(place).blank
    var wanted = frame
    wanted.replaceSubrange(50..<52, with: [UInt8(blank >> 8), UInt8(blank & 0xff)])
    #expect(bench.sink.frames.map(\.offload.checksum) == [.partial])
    #expect(bench.sink.frames.map(\.octets) == [wanted])
  }

  @Test(arguments: [13, 33, 53])
  func `drops a frame whose headers it does not reach, and the slot is OKAY`(_ length: Int) throws {
    for extras in [[], [ExtraInfo.gso(size: 50, type: Segmentation.tcpv4)]] {
      let bench = try TxBench()
      bench.fill(page: 0, frame)
      let size = UInt16(max(14, length))
      bench.publish(bench.packet([size], flags: .checksumBlank, extras: extras))
      bench.pollAll()
      #expect(bench.statuses() == [.okay] + extras.map { _ in .null })
      #expect(bench.sink.frames.isEmpty)
    }
  }
}
