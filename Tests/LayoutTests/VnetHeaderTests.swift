import CRingReference
import PacketCapture
import Testing
import XenRing

extension VnetHeader {
  var octets: [UInt8] {
    var octets: [UInt8] = []
    append(to: &octets)
    return octets
  }
}

@Suite struct `A vnet header` {
  private struct Field {
    let name: String
    let octets: [UInt8]
    init(_ name: String, _ change: (inout VnetHeader) -> Void) {
      self.name = name
      var header = VnetHeader()
      change(&header)
      octets = header.octets
    }
  }

  private static let fields = [
    Field("flags") { $0.flags = [.needsChecksum, .dataValid] },
    Field("gso_type") { $0.segments = .udp },
    Field("hdr_len") { $0.headerLength = .max },
    Field("gso_size") { $0.segmentSize = .max },
    Field("csum_start") { $0.checksumStart = .max },
    Field("csum_offset") { $0.checksumOffset = .max },
  ]

  @Test func `has its fields where C's structure has them`() throws {
    for field in Self.fields {
      let name = "virtio_net_hdr." + field.name
      let first = try #require(field.octets.firstIndex { $0 != 0 })
      let last = try #require(field.octets.lastIndex { $0 != 0 })
      #expect(reference(name) == first, "\(field.name)")
      #expect(reference(name + ".size") == last - first + 1, "\(field.name)")
    }
    #expect(reference("virtio_net_hdr") == VnetHeader.octetCount)
    #expect(VnetHeader().octets.count == VnetHeader.octetCount)
  }

  @Test(arguments: [
    ("VIRTIO_NET_HDR_F_NEEDS_CSUM", VnetHeader.Flags.needsChecksum.rawValue),
    ("VIRTIO_NET_HDR_F_DATA_VALID", VnetHeader.Flags.dataValid.rawValue),
    ("VIRTIO_NET_HDR_GSO_NONE", VnetHeader.Segments.none.rawValue),
    ("VIRTIO_NET_HDR_GSO_TCPV4", VnetHeader.Segments.tcpv4.rawValue),
    ("VIRTIO_NET_HDR_GSO_UDP", VnetHeader.Segments.udp.rawValue),
    ("VIRTIO_NET_HDR_GSO_TCPV6", VnetHeader.Segments.tcpv6.rawValue),
  ])
  func `has C's numbers`(name: String, value: UInt8) { #expect(reference(name) == Int(value)) }

  @Test func `is read as it was written`() {
    var header = VnetHeader()
    header.flags = .needsChecksum
    header.segments = .tcpv6
    (header.headerLength, header.segmentSize) = (74, 1440)
    (header.checksumStart, header.checksumOffset) = (54, 16)
    let octets = header.octets
    #expect(VnetHeader(octets.span.octets) == header)
    let cut = Array(header.octets.dropLast())
    #expect(VnetHeader(cut.span.octets) == nil)
  }

  @Test func `with congestion notification is cut as without, an unknown way is refused`() {
    var octets = VnetHeader().octets
    octets[1] = 0x81
    #expect(VnetHeader(octets.span.octets)?.segments == .tcpv4)
    octets[1] = 5
    #expect(VnetHeader(octets.span.octets) == nil)
  }
}
