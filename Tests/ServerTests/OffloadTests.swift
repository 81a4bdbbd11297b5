import Netif
import PacketCapture
import Server
import Testing
import XenRing

/// A frame of TCP or UDP over IPv4 or IPv6, without a checksum.
func frame(_ version: Int, transport: UInt8 = 6, payload: Int = 100) -> [UInt8] {
  var octets: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]
  let transportLength = transport == 6 ? 20 : 8
  let length = transportLength + payload
  if version == 4 {
    octets += [8, 0, 0x45, 0, UInt8((20 + length) >> 8), UInt8((20 + length) & 0xff), 0, 0]
    octets += [0x40, 0, 64, transport, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
  } else {
    octets += [0x86, 0xdd, 0x60, 0, 0, 0, UInt8(length >> 8), UInt8(length & 0xff), transport, 64]
    octets += (0..<32).map { UInt8($0) }
  }
  var header = [UInt8](repeating: 0, count: transportLength)
  if transport == 6 { header[12] = 0x50 }
  return octets + header + (0..<payload).map { UInt8(truncatingIfNeeded: $0 * 7) }
}

@Suite struct `A guest's frame` {
  @Test(arguments: [4, 6], [UInt8(6), 17])
  func `with a blank checksum says where it stands`(version: Int, transport: UInt8) {
    let octets = frame(version, transport: transport)
    let header = VnetHeader(FrameOffload(checksum: .partial), of: octets.span.octets)
    #expect(header.flags == .needsChecksum)
    #expect(header.checksumStart == (version == 4 ? 34 : 54))
    #expect(header.checksumOffset == (transport == 6 ? 16 : 6))
    #expect(header.segments == .none)
  }

  @Test(arguments: [(4, Segmentation.tcpv4), (6, Segmentation.tcpv6)])
  func `that is to be cut says how`(version: Int, type: UInt8) {
    let octets = frame(version, payload: 20000)
    let offload = FrameOffload(
      checksum: .partial, segmentation: Segmentation(size: 1400, type: type))
    let header = VnetHeader(offload, of: octets.span.octets)
    #expect(header.segments == (version == 4 ? .tcpv4 : .tcpv6))
    #expect(header.segmentSize == 1400)
    #expect(header.headerLength == (version == 4 ? 54 : 74))
    #expect(FrameOffload(header) == offload)
  }

  @Test(arguments: [ChecksumState.unknown, .verified])
  func `without offloads has a plain header`(_ checksum: ChecksumState) {
    let octets = frame(4)
    let offload = FrameOffload(checksum: checksum)
    let header = VnetHeader(offload, of: octets.span.octets)
    #expect(header.checksumStart == 0 && header.segments == .none)
    #expect(FrameOffload(header) == offload)
  }
}

@Test func `a host's frame that no guest can cut is not taken`() {
  var header = VnetHeader()
  header.segments = .udp
  #expect(FrameOffload(header) == nil)
}
